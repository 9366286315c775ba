package pydron.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.net.ConnectException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

/// What people read of a connection that has failed: one line, with what went wrong and not how it was noticed.
class LinkTest {
    private static final Status VAGUE = Status.UNAVAILABLE.withDescription("io exception");

    @Test
    void nobodyListens() {
        String said = "finishConnect(..) failed with error(-111): Connection refused: /192.0.2.7:7350";
        assertThat(Link.reason(VAGUE.withCause(new ConnectException(said))))
                .isEqualTo("Connection refused: /192.0.2.7:7350");
    }

    @Test
    void somebodyElseListens() {
        SSLHandshakeException failed = new SSLHandshakeException("General OpenSslEngine problem");
        failed.initCause(new CertificateException("no valid certification path\nto the target"));
        Status status = Status.UNAVAILABLE
                .withDescription("io exception\nChannel Pipeline: [SslHandler#0]")
                .withCause(failed);
        assertThat(Link.reason(status)).isEqualTo("no valid certification path");
    }

    @Test
    void whatIsSaidInWordsStays() {
        assertThat(Link.reason(Status.UNAVAILABLE.withDescription("the scheduler ended the connection")))
                .isEqualTo("the scheduler ended the connection");
        assertThat(Link.reason(Status.CANCELLED)).isEqualTo("CANCELLED");
        assertThat(Link.reason(VAGUE)).isEqualTo("io exception");
        assertThat(Link.reason(VAGUE.withCause(new IllegalStateException()))).isEqualTo("io exception");
    }
}
