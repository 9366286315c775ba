package pydron.worker;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// What a worker is told when it starts.
///
/// @param name           for people; the identity on the wire is made from it and is unique
/// @param slots          how many batches run at the same time, each in a task process of its own
/// @param python         the interpreter of the task processes; without one, each job's own is used and processes
///                       start when the first task of the job arrives
/// @param packageFolder  the folder that holds the package `pydron`, where the interpreter has none installed
/// @param runDirectory   an existing folder that only its owner can enter, for the socket; its path must be short
/// @param valueDirectory an existing folder that only its owner can enter, for value files
/// @param sharesMemory   scheduler and driver can open files in the value directory by their path
/// @param environment    the variables of task processes
/// @param membership     how it joins from another machine; empty on the scheduler's own
public record WorkerConfig(
        String name,
        int slots,
        Optional<Path> python,
        Optional<Path> packageFolder,
        Path runDirectory,
        Path valueDirectory,
        boolean sharesMemory,
        Map<String, String> environment,
        Optional<Membership> membership) {
    public WorkerConfig {
        if (slots < 1) {
            throw new IllegalArgumentException("a worker needs at least one slot, not " + slots);
        }
        runDirectory = runDirectory.toAbsolutePath();
        valueDirectory = valueDirectory.toAbsolutePath();
        packageFolder = packageFolder.map(Path::toAbsolutePath);
        environment = Map.copyOf(environment);
    }

    /// On the scheduler's own machine.
    public WorkerConfig(
            String name,
            int slots,
            Optional<Path> python,
            Optional<Path> packageFolder,
            Path runDirectory,
            Path valueDirectory,
            boolean sharesMemory,
            Map<String, String> environment) {
        this(
                name,
                slots,
                python,
                packageFolder,
                runDirectory,
                valueDirectory,
                sharesMemory,
                environment,
                Optional.empty());
    }
}
