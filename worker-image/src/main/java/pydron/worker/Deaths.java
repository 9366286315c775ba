package pydron.worker;

import java.util.Map;
import java.util.Optional;
import pydron.proto.Lost;
import pydron.proto.Result;

/// What the end of a process is called.
final class Deaths {
    private static final Map<Integer, String> SIGNALS = Map.ofEntries(
            Map.entry(1, "SIGHUP"),
            Map.entry(2, "SIGINT"),
            Map.entry(3, "SIGQUIT"),
            Map.entry(4, "SIGILL"),
            Map.entry(6, "SIGABRT"),
            Map.entry(7, "SIGBUS"),
            Map.entry(8, "SIGFPE"),
            Map.entry(9, "SIGKILL"),
            Map.entry(11, "SIGSEGV"),
            Map.entry(13, "SIGPIPE"),
            Map.entry(14, "SIGALRM"),
            Map.entry(15, "SIGTERM"),
            Map.entry(24, "SIGXCPU"),
            Map.entry(31, "SIGSYS"));

    /// Deaths between two tasks after which the next task is held responsible.
    private static final int UNEXPLAINED = 3;

    private Deaths() {}

    /// Java adds 128 to the number of the signal that ended a process.
    static String describe(int status) {
        if (status <= 128 || status > 192) {
            return "it ended with exit status " + status;
        }
        int signal = status - 128;
        String name = SIGNALS.getOrDefault(signal, "signal " + signal);
        return signal == 9
                ? "it was killed by SIGKILL (by a person, or by the system because memory ran out)"
                : "it was killed by " + name;
    }

    /// The task that has to answer for the end of its process, if it is clear which.
    static Optional<Result> culprit(TaskProcess process, Run run, String what) {
        long current = process.currentAttempt();
        if (!run.outstanding().containsKey(current)) {
            if (run.batch().countUnexplainedDeath() < UNEXPLAINED) {
                return Optional.empty();
            }
            current = run.outstanding().firstEntry().getKey();
        }
        return Optional.of(Messages.lost(current, Lost.Reason.PROCESS_DIED, detail(process, what)));
    }

    /// The whole story for the user, with what the process said last.
    static String detail(TaskProcess process, String what) {
        String words = process.lastWords().text();
        return "task process " + process.pid() + ": " + what
                + (words.isEmpty() ? "" : "\nlast lines of its standard error:\n" + words);
    }
}
