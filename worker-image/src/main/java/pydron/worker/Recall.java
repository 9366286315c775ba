package pydron.worker;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks EC2's metadata service, which answers on the machine itself, whether a spot instance is taken back. The notice
/// comes two minutes before; AWS says to look every five seconds. Only version 2 of the service is spoken (`IMDSv2`): a
/// session's token first, then the question.
final class Recall implements AutoCloseable {
    static final URI EC2 = URI.create("http://169.254.169.254");

    private static final Logger LOG = LoggerFactory.getLogger(Recall.class);
    private static final Duration EVERY = Duration.ofSeconds(5);

    /// So long the notice is known before, at most.
    private static final Duration NOTICE = Duration.ofMinutes(2);

    /// The worker is gone so much sooner, so that its parting words arrive.
    private static final Duration MARGIN = Duration.ofSeconds(10);

    private static final int CONNECT_MS = 1_000;
    private static final int READ_MS = 3_000;
    private static final int LONGEST_ANSWER = 10_000;
    private static final Pattern TIME = Pattern.compile("\"time\"\\s*:\\s*\"([^\"]{1,40})\"");

    private final URI service;
    private final Consumer<Duration> told;
    private final Thread thread;
    private String token = "";
    private boolean silent;

    /// @param service where the metadata service is
    /// @param told called once, on a thread of its own, with how long the worker may stay
    Recall(URI service, Consumer<Duration> told) {
        this.service = service;
        this.told = told;
        this.thread = Thread.ofPlatform().daemon().name("recall").unstarted(this::watch);
    }

    void start() {
        thread.start();
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void watch() {
        try {
            Optional<Duration> left = look();
            while (left.isEmpty()) {
                Thread.sleep(EVERY);
                left = look();
            }
            LOG.warn(
                    "event=recalled left_s={} the cloud takes this machine back",
                    left.get().toSeconds());
            told.accept(left.get());
        } catch (InterruptedException e) {
            // The worker is closing.
        }
    }

    /// Empty when nothing is known. A service that does not answer is logged once: without it the machine ends
    /// unforeseen.
    Optional<Duration> look() {
        try {
            Optional<String> notice = ask();
            silent = false;
            return notice.map(it -> left(it, Instant.now()));
        } catch (IOException e) {
            if (!silent) {
                silent = true;
                LOG.warn("event=no-metadata service={} reason={}", service, e.toString());
            }
            return Optional.empty();
        }
    }

    private Optional<String> ask() throws IOException {
        if (token.isEmpty()) {
            token = request("PUT", "/latest/api/token", "X-aws-ec2-metadata-token-ttl-seconds", "21600")
                    .orElseThrow(() -> new IOException("it gives no token"));
        }
        try {
            return request("GET", "/latest/meta-data/spot/instance-action", "X-aws-ec2-metadata-token", token);
        } catch (TokenOver e) {
            token = "";
            return Optional.empty(); // with a new one next time
        }
    }

    private static final class TokenOver extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /// Empty for what is not there.
    private Optional<String> request(String method, String path, String header, String value) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) service.resolve(path).toURL().openConnection(Proxy.NO_PROXY);
        try {
            connection.setConnectTimeout(CONNECT_MS);
            connection.setReadTimeout(READ_MS);
            connection.setInstanceFollowRedirects(false);
            connection.setRequestMethod(method);
            connection.setRequestProperty(header, value);
            int status = connection.getResponseCode();
            switch (status) {
                case HttpURLConnection.HTTP_OK -> {
                    byte[] text = connection.getInputStream().readNBytes(LONGEST_ANSWER);
                    return Optional.of(new String(text, StandardCharsets.UTF_8));
                }
                case HttpURLConnection.HTTP_NOT_FOUND -> {
                    return Optional.empty();
                }
                case HttpURLConnection.HTTP_UNAUTHORIZED -> throw new TokenOver();
                default -> throw new IOException(method + " " + path + " was answered with status " + status);
            }
        } finally {
            connection.disconnect();
        }
    }

    /// How long the worker may stay. The machine's clock may be wrong: a time that cannot be is taken for the usual
    /// one.
    static Duration left(String notice, Instant now) {
        Matcher time = TIME.matcher(notice);
        Duration left = NOTICE.minus(EVERY);
        try {
            Duration said = time.find() ? Duration.between(now, Instant.parse(time.group(1))) : left;
            if (!said.isNegative() && said.compareTo(NOTICE) <= 0) {
                left = said;
            }
        } catch (DateTimeParseException e) {
            // As if it said none.
        }
        return left.compareTo(MARGIN) > 0 ? left.minus(MARGIN) : Duration.ZERO;
    }
}
