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
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// A way to the scheduler, through a tunnel or without one: TLS with certificates of one installation. A tunnel that
/// was cut comes back with another port, and with newer certificates, so both are read from files when they are needed.
final class SecureChannel {
    /// The name in the scheduler's certificate, wherever it is: only the installation's authority gives it away.
    private static final String SCHEDULER = "pydron-scheduler";

    private static final String SCHEME = "pydron-gateway";
    private static final long KEEP_ALIVE_SECONDS = 10;

    private SecureChannel() {}

    /// @param gateway the file that says where the scheduler is: the port on this machine where the tunnel begins, or
    ///     `HOST:PORT`
    /// @param tls  the folder of `certificate.pem`, `key.pem` and `authority.pem`
    static ManagedChannel open(Path gateway, Path tls) throws IOException {
        try {
            return opened(gateway, tls);
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot use the certificate in '" + tls + "': " + e.getMessage(), e);
        }
    }

    private static ManagedChannel opened(Path gateway, Path tls) throws IOException, GeneralSecurityException {
        AdvancedTlsX509KeyManager keys = new AdvancedTlsX509KeyManager();
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("certificates").factory());
        File certificate = tls.resolve("certificate.pem").toFile();
        keys.updateIdentityCredentials(certificate, tls.resolve("key.pem").toFile(), 1, TimeUnit.MINUTES, timer);
        TlsChannelCredentials.Builder credentials = TlsChannelCredentials.newBuilder()
                .keyManager(keys)
                .trustManager(tls.resolve("authority.pem").toFile());
        io.grpc.NameResolverRegistry.getDefaultRegistry().register(new Provider(gateway));
        return NettyChannelBuilder.forTarget(SCHEME + ":///scheduler", credentials.build())
                .overrideAuthority(SCHEDULER)
                .maxInboundMessageSize(Link.MAX_MESSAGE)
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveWithoutCalls(true)
                .build();
    }

    private static final class Provider extends NameResolverProvider {
        private final Path gateway;

        Provider(Path gateway) {
            this.gateway = gateway;
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
            return SCHEME.equals(target.getScheme()) ? new GatewayFile(gateway) : null;
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
    private static final class GatewayFile extends NameResolver {
        private final Path file;
        private Listener2 listener;

        GatewayFile(Path file) {
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

        /// On a thread of its own: to look a name up may take long.
        @Override
        public void refresh() {
            Thread.ofVirtual().name("gateway").start(this::look);
        }

        private void look() {
            String said = "";
            try {
                said = Files.readString(file).strip();
                List<EquivalentAddressGroup> addresses = addresses(said).stream()
                        .map(EquivalentAddressGroup::new)
                        .toList();
                listener.onResult(ResolutionResult.newBuilder()
                        .setAddressesOrError(StatusOr.fromValue(addresses))
                        .build());
            } catch (UnknownHostException e) {
                failed("nobody here knows the name in '" + said + "'");
            } catch (IOException | IllegalArgumentException e) {
                failed("'" + file + "' names no port: " + e.getMessage());
            }
        }

        private void failed(String why) {
            listener.onResult(ResolutionResult.newBuilder()
                    .setAddressesOrError(StatusOr.fromStatus(Status.UNAVAILABLE.withDescription(why)))
                    .build());
        }

        /// In the order in which they are tried.
        private static List<SocketAddress> addresses(String said) throws UnknownHostException {
            int colon = said.lastIndexOf(':');
            int port = Integer.parseInt(said.substring(colon + 1));
            if (colon < 0) {
                return List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            }
            List<SocketAddress> all = new ArrayList<>();
            for (InetAddress one : InetAddress.getAllByName(said.substring(0, colon))) {
                all.add(new InetSocketAddress(one, port));
            }
            return all;
        }

        @Override
        public void shutdown() {}
    }
}
