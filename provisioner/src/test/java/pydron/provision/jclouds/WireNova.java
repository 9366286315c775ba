package pydron.provision.jclouds;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// Answers like an OpenStack as far as a start and a list go, and otherwise as it is told: for what a real one
/// cannot be made to do. Real HTTP, on loopback.
final class WireNova implements AutoCloseable {
    /// @param status 0: the connection is closed without an answer
    record Reply(int status, String body, Map<String, String> headers) {
        Reply(int status, String body) {
            this(status, body, Map.of());
        }
    }

    private final HttpServer server;
    private final Map<String, List<Reply>> replies = new LinkedHashMap<>();
    private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger tokens = new AtomicInteger();
    String regions = "RegionOne";
    Duration ahead = Duration.ZERO;
    Instant expires = Instant.now().plusSeconds(3600);

    WireNova() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        String links = "\"links\": []";
        always(
                "GET /nova/flavors/detail",
                200,
                "{\"flavors\": [{\"id\": \"f1\", \"name\": \"m1.tiny\", \"ram\": 512,"
                        + " \"vcpus\": 1, \"disk\": 1, \"swap\": \"\", " + links + "}]}");
        always(
                "GET /glance/v2/images",
                200,
                "{\"images\": [{\"id\": \"i1\", \"name\": \"debian-12\", \"status\": \"active\"}]}");
        always("POST /nova/servers", 202, "{\"server\": {\"id\": \"s1\", \"adminPass\": \"x\", " + links + "}}");
        always("GET /nova/servers/s1", 200, "{\"server\": " + server("s1", "ACTIVE", "") + "}");
        always("GET /nova/servers/detail", 200, "{\"servers\": []}");
        always("GET /nova/extensions", 200, "{\"extensions\": []}");
        always("GET /neutron/v2.0/floatingips", 200, "{\"floatingips\": []}");
    }

    static String server(String id, String status, String more) {
        return "{\"id\": \"" + id + "\", \"name\": \"pydron-c\", \"status\": \"" + status + "\", \"tenant_id\": \"t\","
                + " \"user_id\": \"u\", \"created\": \"2026-01-01T00:00:00Z\", \"image\": \"\","
                + " \"flavor\": {\"id\": \"f1\", \"links\": []}, \"addresses\": {}, \"links\": [],"
                + " \"metadata\": {\"pydron-installation\": \"wire-test\", \"pydron-claim\": \"c\"}" + more + "}";
    }

    /// One answer after the other; the last one stays.
    void then(String call, Reply... answers) {
        replies.put(call, new ArrayList<>(List.of(answers)));
    }

    void always(String call, int status, String body) {
        then(call, new Reply(status, body));
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    long calls(String call) {
        return calls.stream().filter(call::equals).count();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String call =
                exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
        calls.add(call);
        exchange.getRequestBody().readAllBytes();
        if (call.equals("POST /identity/v3/auth/tokens") && !replies.containsKey(call)) {
            send(exchange, new Reply(201, token(), Map.of("X-Subject-Token", "token-" + tokens.incrementAndGet())));
            return;
        }
        List<Reply> some =
                replies.getOrDefault(call, List.of(new Reply(404, "{\"itemNotFound\": {\"message\": \"none\"}}")));
        Reply reply;
        synchronized (some) {
            reply = some.size() > 1 ? some.removeFirst() : some.getFirst();
        }
        send(exchange, reply);
    }

    private static void send(HttpExchange exchange, Reply reply) throws IOException {
        if (reply.status() == 0) {
            exchange.close();
            return;
        }
        byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        reply.headers().forEach(exchange.getResponseHeaders()::add);
        exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private String token() {
        StringBuilder catalogue = new StringBuilder();
        for (String[] service : new String[][] {
            {"compute", "/nova"}, {"image", "/glance"}, {"network", "/neutron"},
        }) {
            StringBuilder endpoints = new StringBuilder();
            for (String region : regions.split(",")) {
                endpoints
                        .append(endpoints.isEmpty() ? "" : ",")
                        .append("{\"interface\": \"public\", \"region_id\": \"")
                        .append(region)
                        .append("\", \"url\": \"")
                        .append(address())
                        .append(service[1])
                        .append("\"}");
            }
            catalogue
                    .append(catalogue.isEmpty() ? "" : ",")
                    .append("{\"type\": \"")
                    .append(service[0])
                    .append("\", \"endpoints\": [")
                    .append(endpoints)
                    .append("]}");
        }
        return "{\"token\": {\"issued_at\": \"" + Instant.now().plus(ahead) + "\", \"expires_at\": \"" + expires
                + "\", \"project\": {\"id\": \"p\", \"name\": \"stars\"}," + " \"catalog\": [" + catalogue + "]}}";
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
