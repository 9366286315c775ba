package pydron.worker;

import io.grpc.EquivalentAddressGroup;
import io.grpc.ManagedChannel;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.Status;
import io.grpc.StatusOr;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.util.AdvancedTlsX509KeyManager;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// A way to the scheduler through a tunnel: TLS with certificates of one installation. A tunnel that was cut comes back
/// with another port, and with newer certificates, so both are read from files whenever they are needed.
final class SecureChannel {
    /// The name in the scheduler's certificate, wherever the tunnel leads.
    private static final String SCHEDULER = "pydron-scheduler";

    private static final String SCHEME = "pydron-gateway";
    private static final long KEEP_ALIVE_SECONDS = 10;

    private SecureChannel() {}

    /// @param port the file that names the port on this machine where the tunnel begins
    /// @param tls  the folder of `certificate.pem`, `key.pem` and `authority.pem`
    static ManagedChannel open(Path port, Path tls) throws IOException {
        try {
            return opened(port, tls);
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot use the certificate in '" + tls + "': " + e.getMessage(), e);
        }
    }

    private static ManagedChannel opened(Path port, Path tls) throws IOException, GeneralSecurityException {
        AdvancedTlsX509KeyManager keys = new AdvancedTlsX509KeyManager();
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("certificates").factory());
        File certificate = tls.resolve("certificate.pem").toFile();
        keys.updateIdentityCredentials(certificate, tls.resolve("key.pem").toFile(), 1, TimeUnit.MINUTES, timer);
        TlsChannelCredentials.Builder credentials = TlsChannelCredentials.newBuilder()
                .keyManager(keys)
                .trustManager(tls.resolve("authority.pem").toFile());
        io.grpc.NameResolverRegistry.getDefaultRegistry().register(new Provider(port));
        return NettyChannelBuilder.forTarget(SCHEME + ":///scheduler", credentials.build())
                .overrideAuthority(SCHEDULER)
                .maxInboundMessageSize(Link.MAX_MESSAGE)
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveWithoutCalls(true)
                .build();
    }

    private static final class Provider extends NameResolverProvider {
        private final Path port;

        Provider(Path port) {
            this.port = port;
        }

        @Override
        protected boolean isAvailable() {
            return true;
        }

        @Override
        protected int priority() {
            return 5;
        }

        @Override
        public NameResolver newNameResolver(URI target, NameResolver.Args args) {
            return SCHEME.equals(target.getScheme()) ? new PortFile(port) : null;
        }

        @Override
        public String getDefaultScheme() {
            return SCHEME;
        }

        @Override
        public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
            return List.of(InetSocketAddress.class);
        }
    }

    /// Read again whenever a connection has failed, as gRPC asks for it then.
    private static final class PortFile extends NameResolver {
        private final Path file;
        private Listener2 listener;

        PortFile(Path file) {
            this.file = file;
        }

        @Override
        public String getServiceAuthority() {
            return SCHEDULER;
        }

        @Override
        public void start(Listener2 to) {
            listener = to;
            refresh();
        }

        @Override
        public void refresh() {
            try {
                int port = Integer.parseInt(Files.readString(file).strip());
                InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
                listener.onResult(ResolutionResult.newBuilder()
                        .setAddressesOrError(StatusOr.fromValue(List.of(new EquivalentAddressGroup(address))))
                        .build());
            } catch (IOException | IllegalArgumentException e) {
                listener.onError(Status.UNAVAILABLE.withDescription("'" + file + "' names no port: " + e.getMessage()));
            }
        }

        @Override
        public void shutdown() {}
    }
}
