package pydron.cli.elastic;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The control socket, also to those who do not keep to its rules.
@Timeout(20)
class ControlTest {
    private final CountDownLatch left = new CountDownLatch(1);
    private Path folder;
    private Control.Server server;

    @BeforeEach
    void listen() throws IOException {
        folder = Files.createTempDirectory("control"); // short, as the paths of sockets must be
        server = new Control.Server(folder.resolve("s"), new Control.Handler() {
            @Override
            public JsonObject answer(JsonObject request, Control.Connection connection) {
                if (request.get("do").getAsString().equals("fail")) {
                    throw new IllegalArgumentException("not this");
                }
                return request;
            }

            @Override
            public void closed(Control.Connection connection) {
                left.countDown();
            }
        });
    }

    @AfterEach
    void close() throws IOException {
        server.close();
        Files.deleteIfExists(folder.resolve("s"));
        Files.delete(folder);
    }

    private String say(String line) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("s")))) {
            ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            ByteBuffer answer = ByteBuffer.allocate(10_000);
            while (channel.read(answer) >= 0 && answer.get(answer.position() - 1) != '\n') {
                continue;
            }
            return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8).strip();
        }
    }

    @Test
    void aRequestIsAnswered() throws Exception {
        try (Control.Client client = new Control.Client(folder.resolve("s"))) {
            JsonObject request = JsonParser.parseString("{\"do\": \"this\"}").getAsJsonObject();
            assertThat(client.ask(request)).isEqualTo(request);
            assertThat(client.ask(request)).isEqualTo(request);
        }
        assertThat(left.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void whatCannotBeDoneIsSaid() throws IOException {
        assertThat(say("{\"do\": \"fail\"}\n")).isEqualTo("{\"error\":\"not this\"}");
        assertThat(say("[]\n")).isEqualTo("{\"error\":\"a request is a JSON object\"}");
        assertThat(say("{\n")).startsWith("{\"error\":\"no JSON: ");
        assertThat(say("{}\n")).startsWith("{\"error\":\"internal error: ");
    }

    @Test
    void aLineWithoutEndIsCutOff() throws Exception {
        assertThat(sayUntilCut("x".repeat(100_000))).isTrue();
    }

    private boolean sayUntilCut(String text) throws Exception {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("s")))) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            // Cut off while writing.
        }
        return left.await(10, TimeUnit.SECONDS);
    }
}
