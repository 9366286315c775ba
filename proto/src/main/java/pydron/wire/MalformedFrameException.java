package pydron.wire;

/// The peer sent something that the protocol does not allow. Thrown by [FrameReader] and by handlers; it ends the
/// connection as [Ending.Broken] and goes no further.
public final class MalformedFrameException extends RuntimeException {
    public MalformedFrameException(String message) {
        super(message, null, false, false);
    }
}
