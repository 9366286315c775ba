package pydron.cli;

import java.util.List;

/// A failure whose words are meant for the user: what failed: which object, quoted: why, and then lines of advice.
/// Everything else that is thrown is a bug of Pydron's, and shown as one.
public final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitCode exitCode;
    private final transient List<String> advice;

    public CommandFailure(ExitCode exitCode, String message, String... advice) {
        this(exitCode, message, null, advice);
    }

    public CommandFailure(ExitCode exitCode, String message, Throwable cause, String... advice) {
        super(message, cause);
        this.exitCode = exitCode;
        this.advice = List.of(advice);
    }

    public ExitCode exitCode() {
        return exitCode;
    }

    public List<String> advice() {
        return advice;
    }
}
