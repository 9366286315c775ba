package pydron.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import pydron.proto.Function;
import pydron.proto.Lost;
import pydron.proto.Result;

/// Time and memory limits of functions.
final class Limits {
    private static final long PAGE = 4096;
    private static final double MIB = 1024.0 * 1024.0;

    private Limits() {}

    /// The report on a running task that is over one of its limits.
    static Optional<Result> exceeded(TaskProcess process, Run.Limited running, Function function) {
        long attempt = running.task().attempt();
        double seconds = (System.nanoTime() - running.sinceNanos()) / 1e9;
        if (function.getTimeoutS() > 0 && seconds > function.getTimeoutS()) {
            return Optional.of(Messages.lost(
                    attempt,
                    Lost.Reason.TIMEOUT,
                    "%s ran longer than its timeout of %s s and was stopped"
                            .formatted(function.getName(), plain(function.getTimeoutS()))));
        }
        long limit = function.getMemoryBytes();
        long used = limit == 0 ? 0 : privateBytes(process.pid());
        if (Long.compareUnsigned(used, limit) > 0) {
            return Optional.of(Messages.lost(
                    attempt,
                    Lost.Reason.MEMORY,
                    "%s used %s MiB of memory, more than its limit of %s MiB, and was stopped"
                            .formatted(function.getName(), plain(used / MIB), plain(limit / MIB))));
        }
        return Optional.empty();
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : "%.1f".formatted(number);
    }

    /// Memory that is the process's own: value files that it has mapped and not changed do not count. 0 where the
    /// system does not tell.
    private static long privateBytes(long pid) {
        try {
            String[] pages = Files.readString(Path.of("/proc", Long.toString(pid), "statm"))
                    .split(" ");
            return (Long.parseLong(pages[1]) - Long.parseLong(pages[2])) * PAGE;
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }
}
