package pydron.wire;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/// Listens on a unix socket that only its owner can open, and serves all its connections with one selector thread.
/// Put the socket into a folder that only its owner can enter: between creating and protecting it there is a moment.
public final class FrameServer implements AutoCloseable {
    /// Queued bytes at which [FrameHandler#backlog] is asked.
    public static final long DEFAULT_QUEUE_CAP = 1L << 30;

    private final Path socket;
    private final Function<FrameConnection, FrameHandler> handlers;
    private final long queueCap;
    private final Selector selector;
    private final ServerSocketChannel listener;
    private final Thread thread;
    private final Set<FrameConnection> connections = new LinkedHashSet<>();
    private final ConcurrentLinkedQueue<FrameConnection> retiring = new ConcurrentLinkedQueue<>();
    private volatile boolean closing;

    /// Listens at once. `handlers` is called on the selector thread for each connection that comes in.
    public FrameServer(Path socket, String threadName, Function<FrameConnection, FrameHandler> handlers)
            throws IOException {
        this(socket, threadName, DEFAULT_QUEUE_CAP, handlers);
    }

    public FrameServer(Path socket, String threadName, long queueCap, Function<FrameConnection, FrameHandler> handlers)
            throws IOException {
        this.socket = socket;
        this.handlers = handlers;
        this.queueCap = queueCap;
        this.selector = Selector.open();
        this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            Files.deleteIfExists(socket);
            listener.bind(UnixDomainSocketAddress.of(socket));
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
            listener.configureBlocking(false);
            listener.register(selector, SelectionKey.OP_ACCEPT);
        } catch (IOException | RuntimeException e) {
            listener.close();
            selector.close();
            throw e;
        }
        this.thread = Thread.ofPlatform().daemon().name(threadName).start(this::serve);
    }

    public Path socket() {
        return socket;
    }

    /// Closes every connection, removes the socket file and waits for the selector thread, unless called on it.
    @Override
    public void close() {
        closing = true;
        selector.wakeup();
        if (Thread.currentThread() != thread) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    long queueCap() {
        return queueCap;
    }

    void wantWrite(SelectionKey key) {
        try {
            key.interestOpsOr(SelectionKey.OP_WRITE);
            selector.wakeup();
        } catch (CancelledKeyException e) {
            // The connection is ending; so does what was queued for it.
        }
    }

    void retire(FrameConnection connection) {
        retiring.add(connection);
        selector.wakeup();
    }

    private void serve() {
        try (selector;
                listener) {
            while (!closing) {
                selector.select(this::act);
                buryRetired();
            }
            connections.forEach(FrameConnection::close);
            buryRetired();
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            connections.forEach(c -> c.breakOff("selector failed: " + e.getMessage()));
            buryRetired();
        }
    }

    private void act(SelectionKey key) {
        try {
            if (key.isAcceptable()) {
                accept();
                return;
            }
            FrameConnection connection = (FrameConnection) key.attachment();
            if (key.isWritable()) {
                connection.writable();
            }
            if (key.isReadable() && connection.isOpen()) {
                connection.readable();
            }
        } catch (CancelledKeyException e) {
            // Closed while it was selected: its retirement is queued.
        }
    }

    private void accept() {
        SocketChannel channel = null;
        try {
            channel = listener.accept();
            if (channel == null) {
                return;
            }
            channel.configureBlocking(false);
            FrameConnection connection = new FrameConnection(this, channel);
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ, connection);
            connection.registered(key);
            connection.handledBy(handlers.apply(connection));
            connections.add(connection);
        } catch (IOException e) {
            turnAway(channel);
        } catch (RuntimeException e) {
            turnAway(channel);
            report(e);
        }
    }

    /// The peer was gone before it was let in, or nobody could be found to handle it.
    private static void turnAway(SocketChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                // Closing is all that was wanted of it.
            }
        }
    }

    /// A bug in a handler must be seen, but must not take the other connections with it.
    private void report(RuntimeException bug) {
        thread.getUncaughtExceptionHandler().uncaughtException(thread, bug);
    }

    private void buryRetired() {
        for (FrameConnection c = retiring.poll(); c != null; c = retiring.poll()) {
            if (connections.remove(c)) {
                try {
                    c.retired();
                } catch (RuntimeException e) {
                    report(e);
                }
            }
        }
    }
}
