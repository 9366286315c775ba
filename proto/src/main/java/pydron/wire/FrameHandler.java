package pydron.wire;

import java.nio.ByteBuffer;

/// What one connection's owner does with its frames. All methods but [#backlog] are called on the server's selector
/// thread, in order, and must not block.
public interface FrameHandler {
    /// One whole frame. `payload` is little-endian and valid only during the call: copy what is to be kept.
    void frame(int type, ByteBuffer payload);

    /// All frames that came with one read have been handled. The place to act on them as one batch.
    default void batchEnd() {}

    /// The connection is over; called exactly once, nothing comes after it.
    void closed(Ending ending);

    /// More than the server's cap is queued for a peer that does not read. Called on the sending thread. The
    /// connection is closed as broken when this returns true.
    default boolean backlog(long queuedBytes) {
        return true;
    }
}
