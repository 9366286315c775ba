package pydron.provision.join;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BannersTest {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /// Says something to whoever connects.
    private static ServerSocket saying(String text) throws IOException {
        ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
                    socket.getOutputStream().flush();
                } catch (IOException e) {
                    return;
                }
            }
        });
        return server;
    }

    private static Destination at(ServerSocket server) {
        return new Destination(
                Optional.empty(),
                "127.0.0.1",
                Optional.of(server.getLocalPort()),
                true,
                Optional.empty(),
                Optional.empty());
    }

    @Test
    void theOneThatSpeaksSshIsFoundAmongThoseThatDoNot() throws Exception {
        try (ServerSocket silent = saying("");
                ServerSocket web = saying("HTTP/1.1 400 Bad Request\r\n");
                ServerSocket sshd = saying("SSH-2.0-OpenSSH_9.2\r\n")) {
            List<Destination> all = List.of(Destination.of("no-such-host.invalid"), at(silent), at(web), at(sshd));
            assertThat(Banners.first(all, PATIENCE)).contains(at(sshd));
        }
    }

    @Test
    void nobodyAnswersIsAnAnswerInTime() throws Exception {
        int port;
        try (ServerSocket closed = saying("")) {
            port = closed.getLocalPort();
        }
        Destination nobody = new Destination(
                Optional.empty(), "127.0.0.1", Optional.of(port), true, Optional.empty(), Optional.empty());
        long begin = System.nanoTime();
        assertThat(Banners.first(List.of(nobody), Duration.ofMillis(500))).isEmpty();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
    }
}
