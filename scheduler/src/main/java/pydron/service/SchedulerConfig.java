package pydron.service;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/// @param socket where drivers connect
/// @param valueDirectory where value files live, a folder that only its owner can enter
/// @param workerPort loopback port for workers in other processes, 0 for any; empty for embedded workers only
/// @param lease a worker silent for so long is lost
/// @param expectedSlots told to drivers that come before the first worker
/// @param version of the scheduler, told to drivers
/// @param remote how workers on other machines get in; empty when there are none
/// @param analyses a folder for what the analysis of this build says, from run to run; empty: nothing is kept
public record SchedulerConfig(
        Path socket,
        Path valueDirectory,
        OptionalInt workerPort,
        Duration lease,
        boolean showProgress,
        int expectedSlots,
        String version,
        Optional<RemoteAccess> remote,
        Optional<Path> analyses) {
    public SchedulerConfig {
        Objects.requireNonNull(socket);
        Objects.requireNonNull(valueDirectory);
        Objects.requireNonNull(workerPort);
        Objects.requireNonNull(version);
        Objects.requireNonNull(remote);
        Objects.requireNonNull(analyses);
        if (lease.toMillis() < 100) {
            throw new IllegalArgumentException("a lease of " + lease + " ends before a heartbeat can renew it");
        }
    }

    /// Without workers on other machines; nothing is kept.
    public SchedulerConfig(
            Path socket,
            Path valueDirectory,
            OptionalInt workerPort,
            Duration lease,
            boolean showProgress,
            int expectedSlots,
            String version) {
        this(
                socket,
                valueDirectory,
                workerPort,
                lease,
                showProgress,
                expectedSlots,
                version,
                Optional.empty(),
                Optional.empty());
    }
}
