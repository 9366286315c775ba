package pydron.provision.openstack;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import pydron.provision.model.Problem;

/// Calls that end in time, with an answer or with a reason in words. Nothing is called twice.
public final class Http implements AutoCloseable {
    static final Duration CONNECT = Duration.ofSeconds(10);
    static final Duration ANSWER = Duration.ofSeconds(30);
    private static final int LARGEST = 32 << 20;

    record Answer(int status, HttpHeaders headers, String body) {
        String said() {
            return Json.message(body);
        }

        Problem.Throttled throttled() {
            return new Problem.Throttled(
                    Http.pause(headers.firstValue("Retry-After").orElse("")), said());
        }

        /// It may have a token.
        @Override
        public String toString() {
            return "answer " + status;
        }
    }

    private final HttpClient client;

    Http(Optional<SSLContext> trust) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT)
                .followRedirects(HttpClient.Redirect.NEVER);
        trust.ifPresent(builder::sslContext);
        client = builder.build();
    }

    /// Believes certificates of the authorities in a PEM file, and no others.
    static SSLContext trusting(Path authorities) {
        try (InputStream in = Files.newInputStream(authorities)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("authority" + store.size(), each);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw BadAccess.of("cacert", authorities + " holds no certificates: " + e.getMessage());
        }
    }

    HttpRequest.Builder request(URI uri) {
        return HttpRequest.newBuilder(uri)
                .timeout(ANSWER)
                .header("Accept", "application/json")
                .header("User-Agent", "pydron");
    }

    Answer send(HttpRequest request) {
        URI uri = request.uri();
        String place = uri.getScheme() + "://" + uri.getAuthority();
        try {
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            return whole(response);
        } catch (HttpConnectTimeoutException e) {
            throw unknown("cannot connect to " + place + " within " + CONNECT.toSeconds() + " s");
        } catch (HttpTimeoutException e) {
            throw unknown("no answer from " + place + " within " + ANSWER.toSeconds() + " s");
        } catch (SSLException e) {
            throw unknown("no safe connection to " + place + ": " + e.getMessage()
                    + " (an authority of one's own is named with cacert)");
        } catch (ConnectException e) {
            boolean name = e.getCause() instanceof ConnectException inner
                            && inner.getCause() instanceof UnresolvedAddressException
                    || e.getCause() instanceof UnresolvedAddressException;
            throw unknown(name ? "there is no host '" + uri.getHost() + "'" : "cannot connect to " + place);
        } catch (IOException e) {
            throw unknown("the connection to " + place + " failed: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unknown("interrupted while waiting for " + place);
        }
    }

    /// As text; an answer of the same head, because that is what callers look at.
    private static Answer whole(HttpResponse<InputStream> response) throws IOException {
        try (InputStream in = response.body()) {
            byte[] bytes = in.readNBytes(LARGEST + 1);
            if (bytes.length > LARGEST) {
                throw new IOException("the answer is larger than 32 MiB");
            }
            return new Answer(response.statusCode(), response.headers(), new String(bytes, StandardCharsets.UTF_8));
        }
    }

    private static Failure unknown(String text) {
        return new Failure(new Problem.Unknown(text));
    }

    /// Between a second and ten minutes; half a minute when it is not told in seconds.
    public static Duration pause(String retryAfter) {
        String text = retryAfter.strip();
        long seconds = text.matches("\\d{1,9}") ? Long.parseLong(text) : 30;
        return Duration.ofSeconds(Math.clamp(seconds, 1, 600));
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
