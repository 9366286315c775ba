package pydron.worker;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.net.InetAddress;
import java.net.UnknownHostException;

/// A way to a scheduler on this machine. There is no encryption, so anything but loopback is refused.
public final class LoopbackChannel {
    private LoopbackChannel() {}

    public static ManagedChannel open(String host, int port) throws UnknownHostException {
        if (!InetAddress.getByName(host).isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    "Cannot connect to '" + host + "': only this machine itself is reached without encryption");
        }
        return NettyChannelBuilder.forAddress(host, port)
                .usePlaintext()
                .maxInboundMessageSize(Link.MAX_MESSAGE)
                .build();
    }
}
