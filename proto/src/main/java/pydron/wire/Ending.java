package pydron.wire;

/// Why a connection is over.
public sealed interface Ending {
    /// The peer hung up, or died: the kernel makes no difference between the two.
    record PeerClosed() implements Ending {}

    /// This side closed it.
    record ClosedHere() implements Ending {}

    /// The peer broke the protocol, did not read what it was sent, or the socket failed.
    record Broken(String reason) implements Ending {}

    /// Our own handler failed on a frame. The connection is given up so that the peer sees an end instead of silence.
    record Bug(RuntimeException cause) implements Ending {}
}
