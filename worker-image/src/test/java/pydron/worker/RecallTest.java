package pydron.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.proto.Recalled;
import pydron.proto.WorkerMessage.KindCase;

/// A spot instance that is taken back, as its metadata service says.
class RecallTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    Path folder;

    private HttpServer metadata;
    private volatile String token = "token-1";
    private volatile String notice = "";
    private volatile int tokens;

    @BeforeEach
    void serve() throws IOException {
        metadata = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        metadata.createContext("/", this::answer);
        metadata.start();
    }

    @AfterEach
    void stop() {
        metadata.stop(0);
    }

    private URI address() {
        return URI.create("http://127.0.0.1:" + metadata.getAddress().getPort());
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String what = exchange.getRequestMethod() + " " + exchange.getRequestURI();
            String given = exchange.getRequestHeaders().getFirst("X-aws-ec2-metadata-token");
            boolean lasting = exchange.getRequestHeaders().containsKey("X-aws-ec2-metadata-token-ttl-seconds");
            String text = "";
            int status = 404;
            if (what.equals("PUT /latest/api/token")) {
                status = lasting ? 200 : 400;
                text = token;
                tokens++;
            } else if (!token.equals(given)) {
                status = 401;
            } else if (what.equals("GET /latest/meta-data/spot/instance-action") && !notice.isEmpty()) {
                status = 200;
                text = notice;
            }
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private static String action(String time) {
        return "{\"action\": \"terminate\", \"time\": \"" + time + "\"}";
    }

    @Test
    void nothingIsKnownUntilThereIsANoticeAndTokensAreRenewed() throws Exception {
        BlockingQueue<Duration> told = new LinkedBlockingQueue<>();
        try (Recall recall = new Recall(address(), told::add)) {
            assertThat(recall.look()).isEmpty();
            assertThat(recall.look()).isEmpty();
            assertThat(tokens).isEqualTo(1);
            token = "token-2";
            notice = action(Instant.now().plusSeconds(115).toString());
            assertThat(recall.look()).as("the token is over").isEmpty();
            assertThat(recall.look().orElseThrow().toSeconds()).isBetween(100L, 105L);
            assertThat(tokens).isEqualTo(2);
            recall.start();
            assertThat(told.poll(10, TimeUnit.SECONDS).toSeconds()).isBetween(100L, 105L);
        }
    }

    @Test
    void aServiceThatIsNotThereSaysNothing() {
        URI nobody = address();
        metadata.stop(0);
        try (Recall recall = new Recall(nobody, _ -> {})) {
            assertThat(recall.look()).isEmpty();
        }
    }

    @Test
    void timesThatCannotBeAreTakenForTheUsualNotice() {
        assertThat(Recall.left(action("2026-03-01T12:01:30Z"), NOW)).isEqualTo(Duration.ofSeconds(80));
        assertThat(Recall.left(action("2026-03-01T12:00:04Z"), NOW)).isZero();
        for (String odd : new String[] {"2026-03-01T11:59:00Z", "2031-03-01T12:00:00Z", "soon", ""}) {
            assertThat(Recall.left(action(odd), NOW)).as(odd).isEqualTo(Duration.ofSeconds(105));
        }
        assertThat(Recall.left("<html>", NOW)).isEqualTo(Duration.ofSeconds(105));
    }

    @Test
    void theSchedulerIsToldAndToldAgainAfterABreak() throws Exception {
        notice = action(Instant.now().plusSeconds(115).toString());
        Membership spot = new Membership(
                "0123456789ab",
                "0123456789ab",
                "claim",
                "token",
                folder.resolve("lease"),
                folder.resolve("m/m"),
                Optional.of(address()));
        try (Pickles pickles = new Pickles();
                WorkerFixture fixture =
                        new WorkerFixture(pickles, folder, 1, Optional.of(pickles.executable()), Optional.of(spot))) {
            fixture.scheduler.hello();
            Recalled first = fixture.scheduler.other(KindCase.RECALLED).getRecalled();
            assertThat(first.getLeftMs()).isBetween(80_000, 105_000);
            fixture.scheduler.cut();
            fixture.scheduler.hello();
            Recalled again = fixture.scheduler.other(KindCase.RECALLED).getRecalled();
            assertThat(again.getLeftMs()).isBetween(70_000, first.getLeftMs());
        }
    }
}
