package pydron.cli.local;

import java.io.IOException;

/// Sends signals that Java cannot: it knows SIGTERM and SIGKILL only.
final class Signals {
    private Signals() {}

    static void send(Process process, Interruption interruption) {
        try {
            new ProcessBuilder("/bin/sh", "-c", "kill -" + interruption.name() + " " + process.pid())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            process.destroy();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
