package pydron.cli.elastic;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonSyntaxException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The service's control socket: a line of JSON each way, in a folder that only its owner can enter. A request is an
/// object with `do`; the answer has `error` when it could not be done.
final class Control {
    /// Nobody asks for more than a few names.
    private static final int LONGEST_REQUEST = 64 << 10;

    static final Gson JSON = new Gson();

    private Control() {}

    /// Answers one request. Called by one thread for each connection.
    interface Handler {
        /// @throws IllegalArgumentException in words, what is wrong with the request
        JsonObject answer(JsonObject request, Connection connection);

        /// The other side is gone.
        default void closed(Connection connection) {}
    }

    /// One that is connected: what it asked for may last as long as it stays.
    static final class Connection {
        private final SocketChannel channel;

        private Connection(SocketChannel channel) {
            this.channel = channel;
        }
    }

    /// Listens until it is closed.
    static final class Server implements AutoCloseable {
        private final ServerSocketChannel listening;
        private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
        private final Handler handler;

        Server(Path socket, Handler handler) throws IOException {
            this.handler = handler;
            listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            listening.bind(UnixDomainSocketAddress.of(socket));
            Thread.ofPlatform().daemon().name("pydron-control").start(this::accept);
        }

        private void accept() {
            try {
                while (true) {
                    SocketChannel channel = listening.accept();
                    open.add(channel);
                    Thread.ofVirtual().start(() -> serve(new Connection(channel)));
                }
            } catch (IOException e) {
                // Closed.
            }
        }

        private void serve(Connection connection) {
            try (SocketChannel channel = connection.channel;
                    BufferedReader in = reader(channel)) {
                for (String line = readLine(in); line != null; line = readLine(in)) {
                    write(channel, answer(line, connection));
                }
            } catch (IOException e) {
                // Gone in the middle of a line: as good as after it.
            } finally {
                open.remove(connection.channel);
                handler.closed(connection);
            }
        }

        private JsonObject answer(String line, Connection connection) {
            try {
                return JsonParser.parseString(line) instanceof JsonObject request
                        ? handler.answer(request, connection)
                        : error("a request is a JSON object");
            } catch (JsonSyntaxException e) {
                return error("no JSON: " + e.getMessage());
            } catch (IllegalArgumentException e) {
                return error(e.getMessage());
            } catch (RuntimeException e) {
                return error("internal error: " + e);
            }
        }

        @Override
        public void close() throws IOException {
            listening.close();
            for (SocketChannel channel : open) {
                channel.close();
            }
        }
    }

    static JsonObject error(String text) {
        JsonObject answer = new JsonObject();
        answer.addProperty("error", text);
        return answer;
    }

    /// One that asks.
    static final class Client implements AutoCloseable {
        private final SocketChannel channel;
        private final BufferedReader in;

        Client(Path socket) throws IOException {
            channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
            in = reader(channel);
        }

        /// @throws IOException the service is gone
        JsonObject ask(JsonObject request) throws IOException {
            write(channel, request);
            String line = in.readLine();
            if (line == null) {
                throw new IOException("the service has ended");
            }
            try {
                return JsonParser.parseString(line).getAsJsonObject();
            } catch (JsonSyntaxException | IllegalStateException e) {
                throw new IOException("the service's answer is no JSON object", e);
            }
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                // It is gone either way.
            }
        }
    }

    private static BufferedReader reader(SocketChannel channel) {
        return new BufferedReader(new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
    }

    /// Null at the end.
    ///
    /// @throws IOException it is longer than any request
    private static String readLine(BufferedReader in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                return null;
            }
            if (line.length() >= LONGEST_REQUEST) {
                throw new IOException("a request of more than " + LONGEST_REQUEST + " characters");
            }
            line.append((char) c);
        }
        return line.toString();
    }

    private static void write(SocketChannel channel, JsonObject object) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((JSON.toJson(object) + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
