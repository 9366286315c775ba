package pydron.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;

/// Builds frames, several in one buffer when wanted, so that they leave in one system call. Reusable, for one thread
/// at a time: `begin(type)`, the payload, and so on; [FrameConnection#send(FrameWriter)] sends and empties it.
public final class FrameWriter {
    private static final int HEADER = 5;
    private static final int KEEP = 1 << 20;
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] out = new byte[512];
    private int end;
    private int start = -1;

    /// Starts a frame; the one before it, if any, is finished.
    public FrameWriter begin(int type) {
        finishFrame();
        start = end;
        room(HEADER);
        out[end + 4] = (byte) type;
        end += HEADER;
        return this;
    }

    public FrameWriter u8(int v) {
        room(1);
        out[end++] = (byte) v;
        return this;
    }

    public FrameWriter u32(int v) {
        room(4);
        INT.set(out, end, v);
        end += 4;
        return this;
    }

    public FrameWriter u64(long v) {
        room(8);
        LONG.set(out, end, v);
        end += 8;
        return this;
    }

    public FrameWriter f64(double v) {
        return u64(Double.doubleToRawLongBits(v));
    }

    public FrameWriter str(String v) {
        return bytes(v.getBytes(StandardCharsets.UTF_8));
    }

    public FrameWriter bytes(byte[] v) {
        return u32(v.length).raw(v);
    }

    /// Bytes without a length before them.
    public FrameWriter raw(byte[] v) {
        room(v.length);
        System.arraycopy(v, 0, out, end, v.length);
        end += v.length;
        return this;
    }

    public FrameWriter raw(ByteBuffer v) {
        int n = v.remaining();
        room(n);
        v.get(v.position(), out, end, n);
        end += n;
        return this;
    }

    public FrameWriter listOfU32(int... v) {
        u32(v.length);
        for (int x : v) {
            u32(x);
        }
        return this;
    }

    public FrameWriter listOfU64(long... v) {
        u32(v.length);
        for (long x : v) {
            u64(x);
        }
        return this;
    }

    public FrameWriter listOfStr(Collection<String> v) {
        u32(v.size());
        for (String x : v) {
            str(x);
        }
        return this;
    }

    public boolean isEmpty() {
        return end == 0;
    }

    /// Bytes in the writer so far, headers included.
    public int size() {
        return end;
    }

    /// The finished frames, headers included; valid until the writer is used again.
    public ByteBuffer frames() {
        finishFrame();
        return ByteBuffer.wrap(out, 0, end);
    }

    /// Empties the writer. A buffer that one large frame has blown up is let go.
    public FrameWriter clear() {
        end = 0;
        start = -1;
        if (out.length > KEEP) {
            out = new byte[512];
        }
        return this;
    }

    private void finishFrame() {
        if (start >= 0) {
            INT.set(out, start, end - start - 4);
            start = -1;
        }
    }

    private void room(int n) {
        if (out.length - end < n) {
            long least = (long) end + n;
            if (least > Integer.MAX_VALUE - 8) {
                throw new IllegalStateException("a frame of " + least + " bytes does not fit one buffer");
            }
            out = Arrays.copyOf(out, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(least, 2L * out.length)));
        }
    }
}
