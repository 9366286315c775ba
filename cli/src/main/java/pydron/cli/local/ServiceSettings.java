package pydron.cli.local;

import java.util.Optional;
import java.util.OptionalInt;

/// What the user says of the embedded service.
///
/// @param slots        tasks at a time on this machine; 0 for no worker here
/// @param workerPort   the port for workers on other machines (0: any free one), or none
/// @param showProgress whether the driver may draw progress on its terminal
/// @param explain      what to tell about the run; none: nothing, and nothing is recorded
public record ServiceSettings(
        int slots, OptionalInt workerPort, boolean showProgress, Optional<ExplainSettings> explain) {
    public ServiceSettings {
        if (slots < 0) {
            throw new IllegalArgumentException("slots: " + slots);
        }
    }
}
