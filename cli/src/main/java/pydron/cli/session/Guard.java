package pydron.cli.session;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Removes a folder, and ends the user's program, when this process is killed outright: a shell that waits for the end
/// of a pipe which the kernel closes when this process ends, in whatever way.
///
/// Without it, gigabytes of values would stay in shared memory until the next start of a pydron. Where no shell can be
/// started, they do.
final class Guard {
    /// Task processes are dying at the same time and may still make files. Signals to the whole foreground are not
    /// meant for this one. A program that is in a pipeline hears of the end by itself, and has a second to say so.
    private static final String SCRIPT = """
            trap '' HUP INT TERM PIPE
            cd /
            program=
            while read -r line; do program=$line; done
            if [ -n "$program" ]; then
              sleep 1
              kill -TERM "$program" && { sleep 4; kill -KILL "$program"; }
            fi
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

    /// From now on this process, a child of ours, is to end with us.
    void watch(long program) {
        shell.ifPresent(process -> {
            try {
                OutputStream out = process.getOutputStream();
                out.write((program + "\n").getBytes(StandardCharsets.US_ASCII));
                out.flush();
            } catch (IOException e) {
                // The shell was killed: nobody watches.
            }
        });
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
