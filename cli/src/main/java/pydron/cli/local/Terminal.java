package pydron.cli.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// What this process's terminal has to do with it.
public final class Terminal {
    private static final int WIDTH = 80;

    private Terminal() {}

    /// Whether a file descriptor of this process is a terminal.
    public static boolean is(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }

    /// How many characters fit into a line: what `COLUMNS` says, what the terminal says, or the usual.
    static int width(boolean terminal, Map<String, String> environment) {
        String said = environment.getOrDefault("COLUMNS", "");
        if (said.matches("[1-9]\\d{0,3}")) {
            return Integer.parseInt(said);
        }
        if (!terminal) {
            return WIDTH;
        }
        try {
            Process stty = new ProcessBuilder("stty", "-F", "/dev/tty", "size")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String answer = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
            int columns = answer.matches("\\d+ \\d{1,4}") ? Integer.parseInt(answer.split(" ")[1]) : 0;
            return columns > 0 ? columns : WIDTH;
        } catch (IOException e) {
            return WIDTH;
        }
    }

    /// Whether Ctrl-C on the terminal goes to this process and so to its children too. The fields are those of
    /// proc_pid_stat(5): the group of this process, and the group in the foreground of its terminal.
    static boolean isForeground() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"), StandardCharsets.ISO_8859_1);
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            String group = fields[2];
            String foreground = fields[5];
            return group.equals(foreground);
        } catch (IOException e) {
            return false;
        }
    }
}
