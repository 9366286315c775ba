package pydron.worker;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The end of what a process wrote to its standard error: the reason of its death is usually among it.
final class LastWords {
    private static final int KEPT = 4096;
    private static final int LINES = 12;

    private byte[] tail = new byte[0];

    synchronized void add(byte[] text) {
        byte[] all = Arrays.copyOf(tail, tail.length + text.length);
        System.arraycopy(text, 0, all, tail.length, text.length);
        tail = all.length <= KEPT ? all : Arrays.copyOfRange(all, all.length - KEPT, all.length);
    }

    /// The last lines, without an end of line behind them; empty if there was nothing.
    synchronized String text() {
        String[] lines =
                new String(tail, StandardCharsets.UTF_8).stripTrailing().split("\n");
        int first = Math.max(0, lines.length - LINES);
        return String.join("\n", Arrays.copyOfRange(lines, first, lines.length)).strip();
    }
}
