package pydron.worker;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.function.Consumer;

/// Reads one of the pipes of a task process: what C code or a child process prints, and Python's own last words.
/// Passes on whole lines; what has no end of line waits for [#flush].
final class OutputPump {
    private static final long PASSING_NANOS = 5_000_000;

    private final InputStream pipe;
    private final Consumer<byte[]> sink;
    private final Thread thread;
    private final ByteArrayOutputStream rest = new ByteArrayOutputStream();
    private volatile boolean passing;

    OutputPump(InputStream pipe, String name, Consumer<byte[]> sink) {
        this.pipe = pipe;
        this.sink = sink;
        this.thread =
                Thread.ofPlatform().daemon().name(name).stackSize(128 * 1024).start(this::pump);
    }

    /// Passes on what is there, be it a whole line or not, and not before what has just been read.
    void flush() {
        for (long limit = System.nanoTime() + PASSING_NANOS;
                passing && Thread.currentThread() != thread && System.nanoTime() < limit; ) {
            Thread.onSpinWait();
        }
        pass(take());
    }

    /// Waits until all that the process wrote has been passed on. A grandchild may hold the pipe open, so not for long.
    void join(long millis) {
        try {
            thread.join(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        flush();
    }

    private void pump() {
        byte[] buffer = new byte[8192];
        try (pipe) {
            for (int n = pipe.read(buffer); n >= 0; n = pipe.read(buffer)) {
                passing = true;
                pass(lines(buffer, n));
                passing = false;
            }
        } catch (IOException e) {
            // The process was killed and its pipe closed under us.
        }
        flush();
    }

    private void pass(byte[] text) {
        if (text.length > 0) {
            sink.accept(text);
        }
    }

    private synchronized byte[] lines(byte[] buffer, int n) {
        int end = n;
        while (end > 0 && buffer[end - 1] != '\n' && buffer[end - 1] != '\r') {
            end--;
        }
        byte[] whole = new byte[0];
        if (end > 0) {
            rest.write(buffer, 0, end);
            whole = take();
        }
        rest.write(buffer, end, n - end);
        // A line that never ends must not eat the memory.
        return rest.size() < 65536 ? whole : concat(whole, take());
    }

    private synchronized byte[] take() {
        byte[] all = rest.toByteArray();
        rest.reset();
        return all;
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] all = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }
}
