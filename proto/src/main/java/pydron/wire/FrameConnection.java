package pydron.wire;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;

/// One peer. Frames come in on the server's selector thread; they may be sent from any thread, and sending never
/// waits for the peer: what the kernel does not take at once is copied and written when the socket has room again.
public final class FrameConnection {
    /// The largest frame that either side may send.
    public static final int MAX_FRAME = 1 << 30;

    private static final int READ_BUFFER = 256 * 1024;
    private static final int WINDOW = 256 * 1024;
    private static final int HEADER = 5;

    private final SocketChannel channel;
    private final FrameServer server;
    private SelectionKey key;
    private volatile FrameHandler handler;

    /// Selector thread only.
    private ByteBuffer in = ByteBuffer.allocateDirect(READ_BUFFER).order(ByteOrder.LITTLE_ENDIAN);

    private final ByteBuffer home = in;

    /// Guards the three fields below and the order of writes.
    private final Object writing = new Object();

    private final ArrayDeque<ByteBuffer> queue = new ArrayDeque<>();
    private long queued;
    private Ending ending;

    FrameConnection(FrameServer server, SocketChannel channel) {
        this.server = server;
        this.channel = channel;
    }

    /// Before anybody else knows of the connection: its handler's maker may send already, from any thread.
    void registered(SelectionKey selectionKey) {
        this.key = selectionKey;
    }

    void handledBy(FrameHandler frameHandler) {
        this.handler = frameHandler;
    }

    /// Sends one frame. The buffers may be reused when this returns. False when the connection is over.
    public boolean send(int type, ByteBuffer... parts) {
        long length = 1;
        for (ByteBuffer part : parts) {
            length += part.remaining();
        }
        if (length > MAX_FRAME) {
            throw new IllegalArgumentException("a frame of " + length + " bytes is over the limit");
        }
        ByteBuffer[] all = new ByteBuffer[parts.length + 1];
        all[0] = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
        all[0].putInt((int) length).put((byte) type).flip();
        for (int i = 0; i < parts.length; i++) {
            all[i + 1] = parts[i].duplicate();
        }
        return write(all);
    }

    /// Sends all frames in the writer and empties it. False when the connection is over.
    public boolean send(FrameWriter frames) {
        boolean open = frames.isEmpty() ? isOpen() : write(new ByteBuffer[] {frames.frames()});
        frames.clear();
        return open;
    }

    /// Bytes that the peer has not taken yet.
    public long queuedBytes() {
        synchronized (writing) {
            return queued;
        }
    }

    public boolean isOpen() {
        synchronized (writing) {
            return ending == null;
        }
    }

    /// Ends the connection from this side. What is still queued is lost. The handler hears of it on its own thread.
    public void close() {
        end(new Ending.ClosedHere());
    }

    /// Ends the connection because of what the peer did.
    public void breakOff(String reason) {
        end(new Ending.Broken(reason));
    }

    private boolean write(ByteBuffer[] buffers) {
        long over = 0;
        synchronized (writing) {
            if (ending != null) {
                return false;
            }
            if (queue.isEmpty()) {
                try {
                    writeNow(buffers, length(buffers));
                } catch (IOException e) {
                    end(new Ending.Broken(String.valueOf(e.getMessage())));
                    return false;
                }
            }
            long rest = length(buffers);
            if (rest == 0) {
                return true;
            }
            ByteBuffer copy = ByteBuffer.allocate(Math.toIntExact(rest));
            for (ByteBuffer buffer : buffers) {
                copy.put(buffer);
            }
            queue.add(copy.flip());
            queued += rest;
            if (queue.size() == 1) {
                server.wantWrite(key);
            }
            if (queued > server.queueCap()) {
                over = queued;
            }
        }
        FrameHandler asked = handler;
        if (over > 0 && (asked == null || asked.backlog(over))) {
            end(new Ending.Broken("does not read: " + over + " bytes are waiting for it"));
            return false;
        }
        return true;
    }

    private static long length(ByteBuffer[] buffers) {
        long sum = 0;
        for (ByteBuffer buffer : buffers) {
            sum += buffer.remaining();
        }
        return sum;
    }

    private void writeNow(ByteBuffer[] buffers, long total) throws IOException {
        if (total <= WINDOW) {
            if (channel.write(buffers) == total) {
                return;
            }
        }
        for (ByteBuffer buffer : buffers) {
            while (buffer.hasRemaining()) {
                if (writeWindow(buffer) == 0) {
                    return;
                }
            }
        }
    }

    /// The JDK keeps a direct copy, for ever and per thread, as large as the largest heap buffer written at once.
    private int writeWindow(ByteBuffer buffer) throws IOException {
        int limit = buffer.limit();
        buffer.limit((int) Math.min(limit, (long) buffer.position() + WINDOW));
        try {
            return channel.write(buffer);
        } finally {
            buffer.limit(limit);
        }
    }

    private void end(Ending how) {
        synchronized (writing) {
            if (ending != null) {
                return;
            }
            ending = how;
            queue.clear();
            queued = 0;
        }
        server.retire(this);
    }

    /// Selector thread: the socket has room again.
    void writable() {
        synchronized (writing) {
            try {
                while (!queue.isEmpty()) {
                    ByteBuffer head = queue.peek();
                    int n = writeWindow(head);
                    queued -= n;
                    if (!head.hasRemaining()) {
                        queue.remove();
                    } else if (n == 0) {
                        return;
                    }
                }
                key.interestOpsAnd(~SelectionKey.OP_WRITE);
            } catch (IOException e) {
                end(new Ending.Broken(String.valueOf(e.getMessage())));
            }
        }
    }

    /// Selector thread: there is something to read.
    void readable() {
        try {
            int n = channel.read(in);
            if (n < 0) {
                end(in.position() == 0 ? new Ending.PeerClosed() : new Ending.Broken("hung up within a frame"));
                return;
            }
            in.flip();
            takeFrames();
            if (isOpen()) {
                handler.batchEnd();
            }
        } catch (IOException e) {
            end(new Ending.Broken(String.valueOf(e.getMessage())));
        } catch (MalformedFrameException | BufferUnderflowException e) {
            end(new Ending.Broken("malformed frame: " + e.getMessage()));
        } catch (RuntimeException e) {
            end(new Ending.Bug(e));
        }
    }

    /// Hands over every whole frame in the buffer, in place, and makes room for the rest of the one that is cut.
    private void takeFrames() {
        while (in.remaining() >= 4) {
            int length = in.getInt(in.position());
            if (length < 1 || length > MAX_FRAME) {
                throw new MalformedFrameException("length " + Integer.toUnsignedString(length));
            }
            if (in.remaining() - 4 < length) {
                makeRoom(length + 4);
                return;
            }
            int start = in.position();
            int type = in.get(start + 4) & 0xFF;
            in.position(start + 4 + length);
            if (!isOpen()) {
                return;
            }
            handler.frame(type, in.slice(start + HEADER, length - 1).order(ByteOrder.LITTLE_ENDIAN));
        }
        if (in != home && in.remaining() <= home.capacity()) {
            home.clear();
            home.put(in);
            in = home;
        } else {
            in.compact();
        }
    }

    /// A frame larger than the buffer gets a buffer that doubles as its bytes really arrive.
    private void makeRoom(int whole) {
        if (whole <= in.capacity() || in.remaining() < in.capacity()) {
            in.compact();
            return;
        }
        int capacity = (int) Math.min(whole, 2L * in.capacity());
        ByteBuffer larger = ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
        in = larger.put(in);
    }

    /// Selector thread: the last act.
    void retired() {
        try {
            channel.close();
        } catch (IOException e) {
            // Closing is all that was wanted of it.
        }
        if (handler != null) {
            handler.closed(ending);
        }
    }
}
