package pydron.cli.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// What this process's terminal has to do with it.
final class Terminal {
    private Terminal() {}

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
