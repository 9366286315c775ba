package pydron.cli.session;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Removes a folder when this process is killed outright: a shell that waits for the end of a pipe which the kernel
/// closes when this process ends, in whatever way.
///
/// Without it, gigabytes of values would stay in shared memory until the next start of a pydron. Where no shell can be
/// started, they do.
final class Guard {
    /// Task processes are dying at the same time and may still make files. Signals to the whole foreground are not
    /// meant for this one.
    private static final String SCRIPT = """
            trap '' HUP INT TERM PIPE
            cd /
            while read -r _; do :; done
            for pause in 0.1 0.2 0.5 1 1; do
              [ -e "$0" ] || exit 0
              rm -rf -- "$0"
              sleep "$pause"
            done
            """;

    private final Optional<Process> shell;

    private Guard(Optional<Process> shell) {
        this.shell = shell;
    }

    static Guard start(Path folder) {
        try {
            return new Guard(Optional.of(new ProcessBuilder(List.of("/bin/sh", "-c", SCRIPT, folder.toString()))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()));
        } catch (IOException e) {
            return new Guard(Optional.empty()); // then StaleSessions removes it
        }
    }

    /// The folder is gone. Waits for the shell's end, because a JVM that waits for a process takes 0.3 s to end.
    void stop() {
        shell.ifPresent(process -> {
            process.destroyForcibly();
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }
}
