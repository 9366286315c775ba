package pydron.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Reads the primitive formats from a payload. Everything that does not fit the payload is a
/// [MalformedFrameException], and no length is believed before that many bytes are known to be there.
public final class FrameReader {
    private final ByteBuffer in;

    public FrameReader(ByteBuffer payload) {
        this.in = payload.order(ByteOrder.LITTLE_ENDIAN);
    }

    public int remaining() {
        return in.remaining();
    }

    /// One byte, 0 to 255.
    public int u8() {
        need(1);
        return in.get() & 0xFF;
    }

    /// Four bytes. Numbers above 2^31 come out negative; as identities that does no harm.
    public int u32() {
        need(4);
        return in.getInt();
    }

    public long u64() {
        need(8);
        return in.getLong();
    }

    public double f64() {
        need(8);
        return in.getDouble();
    }

    /// A `u32` that counts things of at least `itemBytes` bytes each, all of which must be in this payload.
    public int count(int itemBytes) {
        int n = u32();
        if (n < 0 || (long) n * itemBytes > in.remaining()) {
            throw new MalformedFrameException(
                    "a count of " + Integer.toUnsignedString(n) + " with " + in.remaining() + " bytes left");
        }
        return n;
    }

    public String str() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    public byte[] bytes() {
        return raw(count(1));
    }

    /// `n` bytes without a length before them.
    public byte[] raw(int n) {
        need(n);
        byte[] out = new byte[n];
        in.get(out);
        return out;
    }

    /// All that is left.
    public byte[] rest() {
        return raw(in.remaining());
    }

    /// A column of `n` numbers without a count before them.
    public int[] u32s(int n) {
        needColumn(n, 4);
        int[] out = new int[n];
        in.slice().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(out);
        in.position(in.position() + 4 * n);
        return out;
    }

    public long[] u64s(int n) {
        needColumn(n, 8);
        long[] out = new long[n];
        in.slice().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(out);
        in.position(in.position() + 8 * n);
        return out;
    }

    public double[] f64s(int n) {
        needColumn(n, 8);
        double[] out = new double[n];
        in.slice().order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(out);
        in.position(in.position() + 8 * n);
        return out;
    }

    public int[] listOfU32() {
        return u32s(count(4));
    }

    public long[] listOfU64() {
        return u64s(count(8));
    }

    public List<String> listOfStr() {
        return list(4, FrameReader::str);
    }

    /// A list of anything; `itemBytes` is the least that one item can take.
    public <T> List<T> list(int itemBytes, Function<FrameReader, T> item) {
        int n = count(itemBytes);
        List<T> out = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            out.add(item.apply(this));
        }
        return out;
    }

    /// The frame must be used up: bytes left over mean that the two sides do not speak the same protocol.
    public void end() {
        if (in.hasRemaining()) {
            throw new MalformedFrameException(in.remaining() + " bytes too many");
        }
    }

    private void need(int n) {
        if (n < 0 || in.remaining() < n) {
            throw new MalformedFrameException("ends early: " + n + " bytes wanted, " + in.remaining() + " left");
        }
    }

    private void needColumn(int n, int width) {
        if (n < 0 || in.remaining() < (long) n * width) {
            throw new MalformedFrameException("a column of " + n + " is cut off");
        }
    }
}
