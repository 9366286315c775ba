package pydron.service;

import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/// The workers' service for other machines: nobody gets as far as a call without a certificate of the installation's
/// authority, and each call knows the claim that the certificate is made out to.
final class SecureServer {
    private static final Context.Key<String> CLAIM = Context.key("claim");

    /// Who connects and says nothing is not waited for longer.
    private static final long HANDSHAKE_SECONDS = 20;

    private SecureServer() {}

    /// @param authority who has issued the certificates of all workers, PEM
    static Server start(InetSocketAddress at, ServerIdentity identity, String authority, BindableService service)
            throws IOException {
        TlsServerCredentials.Builder credentials = TlsServerCredentials.newBuilder()
                .keyManager(stream(identity.certificate()), stream(identity.key()))
                .trustManager(stream(authority))
                .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE);
        return NettyServerBuilder.forAddress(at, credentials.build())
                .directExecutor()
                .handshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS)
                .maxInboundMessageSize((int) SchedulerService.LARGEST_MESSAGE)
                .permitKeepAliveTime(5, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                // A tunnel may be cut without a word: what is on a dead connection has to be given up.
                .keepAliveTime(15, TimeUnit.SECONDS)
                .keepAliveTimeout(15, TimeUnit.SECONDS)
                .addService(service)
                .intercept(new Identify())
                .build()
                .start();
    }

    private static InputStream stream(String pem) {
        return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    }

    /// Of the call that this thread is at. Empty when it came by another server than this.
    static Optional<String> claimOfCaller() {
        return Optional.ofNullable(CLAIM.get());
    }

    private static final class Identify implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            Optional<String> claim = claim(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
            if (claim.isEmpty()) {
                call.close(Status.UNAUTHENTICATED.withDescription("its certificate names no claim"), new Metadata());
                return new ServerCall.Listener<>() {};
            }
            return Contexts.interceptCall(Context.current().withValue(CLAIM, claim.get()), call, headers, next);
        }

        private static Optional<String> claim(SSLSession session) {
            try {
                if (session == null || !(session.getPeerCertificates()[0] instanceof X509Certificate certificate)) {
                    return Optional.empty();
                }
                return new LdapName(certificate.getSubjectX500Principal().getName())
                        .getRdns().stream()
                                .filter(rdn -> rdn.getType().equalsIgnoreCase("CN"))
                                .map(rdn -> rdn.getValue().toString())
                                .findFirst();
            } catch (SSLPeerUnverifiedException | InvalidNameException e) {
                return Optional.empty();
            }
        }
    }
}
