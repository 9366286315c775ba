package pydron.cli.elastic;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import pydron.cli.python.Python;

/// The way into the service for a command that knows nothing of clouds.
public final class ServiceMain {
    private ServiceMain() {}

    /// Returns the exit code.
    ///
    /// @param on clouds that may start instances
    /// @param linger seconds
    /// @param closing it is only to end what is there
    public static int run(
            Places places,
            Map<String, String> environment,
            List<String> on,
            long linger,
            boolean closing,
            Python python) {
        return ElasticService.run(
                places, environment, new ElasticService.Options(on, Duration.ofSeconds(linger), closing, python));
    }
}
