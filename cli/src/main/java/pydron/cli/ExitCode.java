package pydron.cli;

/// How a command ends when it is Pydron that has something to say. `pydron run` otherwise ends with the exit code of
/// the script, which is why these are the numbers that `env`, `timeout` and `docker run` use for their own troubles:
/// scripts rarely do. The list for users is in `docs/exit-codes.md`.
public enum ExitCode {
    /// The command line makes no sense.
    USAGE(2),
    /// `--assert-parallel`: something keeps the calls of a loop from running at the same time.
    NOT_PARALLEL(3),
    /// `--verify` found a function that does not keep what its decorator promises; the script itself said 0.
    BROKEN_CONTRACT(123),
    /// Pydron itself could not do its work: a folder, a port, a service, a bug.
    FAILED(125),
    /// What was named is there but cannot be used: an old Python, an unreadable script.
    UNUSABLE(126),
    /// What was named is not there.
    NOT_FOUND(127);

    private final int number;

    ExitCode(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /// The exit code of something ended by a signal, as shells count.
    public static int ofSignal(int signal) {
        return 128 + signal;
    }
}
