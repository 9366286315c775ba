package pydron.service;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalInt;

/// @param socket where drivers connect
/// @param valueDirectory where value files live, a folder that only its owner can enter
/// @param workerPort loopback port for workers in other processes, 0 for any; empty for embedded workers only
/// @param lease a worker silent for so long is lost
/// @param expectedSlots told to drivers that come before the first worker
/// @param version of the scheduler, told to drivers
public record SchedulerConfig(
        Path socket,
        Path valueDirectory,
        OptionalInt workerPort,
        Duration lease,
        boolean showProgress,
        int expectedSlots,
        String version) {
    public SchedulerConfig {
        Objects.requireNonNull(socket);
        Objects.requireNonNull(valueDirectory);
        Objects.requireNonNull(workerPort);
        Objects.requireNonNull(version);
        if (lease.toMillis() < 100) {
            throw new IllegalArgumentException("a lease of " + lease + " ends before a heartbeat can renew it");
        }
    }
}
