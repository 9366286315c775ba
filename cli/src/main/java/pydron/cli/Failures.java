package pydron.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.BindException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;

/// The one place that turns exceptions into words and exit codes.
final class Failures implements CommandLine.IExecutionExceptionHandler, CommandLine.IParameterExceptionHandler {
    private final Main main;

    Failures(Main main) {
        this.main = main;
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
        PrintWriter err = command.getErr();
        ExitCode code;
        if (failure instanceof CommandFailure known) {
            err.println("pydron: " + known.getMessage());
            known.advice().forEach(line -> err.println("  " + line));
            code = known.exitCode();
        } else {
            err.println("pydron: " + words(failure));
            if (isBug(failure)) {
                err.println(
                        "  This is a bug in Pydron. Run the same command with --stacktrace and report what it prints.");
            }
            code = ExitCode.FAILED;
        }
        if (main.stacktrace) {
            failure.printStackTrace(err);
        }
        err.flush();
        return code.number();
    }

    @Override
    public int handleParseException(CommandLine.ParameterException failure, String[] args) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("pydron: " + failure.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(failure, err);
        err.println("  Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        err.flush();
        return ExitCode.USAGE.number();
    }

    private static boolean isBug(Throwable failure) {
        return !(failure instanceof IOException);
    }

    /// Java's own exceptions often carry nothing but a file name as their message.
    private static String words(Throwable failure) {
        return switch (failure) {
            case NoSuchFileException missing -> "no such file: '" + missing.getFile() + "'";
            case AccessDeniedException denied -> "permission denied: '" + denied.getFile() + "'";
            case FileSystemException fs -> "cannot use '" + fs.getFile() + "': " + fs.getReason();
            case BindException bind -> "cannot listen: " + bind.getMessage();
            case Throwable other when other.getMessage() != null -> other.getMessage();
            case Throwable other -> "unexpected " + other.getClass().getSimpleName();
        };
    }
}
