package pydron.core;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// The exception record that Java makes where no Python could (`docs/protocols.md`, "Exception record").
final class LostRecord {
    static final String LOST = "lost";
    static final String TIMEOUT = "timeout";
    static final String MEMORY = "memory";
    static final String STORE_FULL = "store-full";

    private LostRecord() {}

    static byte[] of(String kind, String task, String detail) {
        byte[][] parts = {
            kind.getBytes(StandardCharsets.UTF_8),
            task.getBytes(StandardCharsets.UTF_8),
            detail.getBytes(StandardCharsets.UTF_8)
        };
        ByteBuffer out = ByteBuffer.allocate(13 + parts[0].length + parts[1].length + parts[2].length)
                .order(ByteOrder.LITTLE_ENDIAN);
        out.put((byte) 0);
        for (byte[] part : parts) {
            out.putInt(part.length).put(part);
        }
        return out.array();
    }
}
