package pydron.provision.ec2;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// S3 on the wire, as far as Pydron asks for it: objects of one bucket are put, looked at, fetched and deleted, by
/// requests
/// or addresses that are signed. The bucket's policy wants them encrypted.
public final class S3StandIn implements AutoCloseable {
    public static final String BUCKET = "astro-bundles";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Signatures signatures = new Signatures(Ec2StandIn.REGION);
    private final Map<String, byte[]> objects = new ConcurrentSkipListMap<>();
    private final List<String> served = new CopyOnWriteArrayList<>();
    private final Set<String> denied = ConcurrentHashMap.newKeySet();

    private S3StandIn(HttpServer server) {
        this.server = server;
        signatures.put(Ec2StandIn.IDENTITY, new Signatures.Key(Ec2StandIn.SECRET, "", Instant.MAX));
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
    }

    /// @param address of this machine, as its callers see it
    public static S3StandIn start(String address) {
        try {
            return new S3StandIn(HttpServer.create(new InetSocketAddress(address, 0), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public URI url() {
        InetSocketAddress address = server.getAddress();
        return URI.create("http://" + address.getAddress().getHostAddress() + ":" + address.getPort());
    }

    public void credentials(String identity, String secret, String session, Instant until) {
        signatures.put(identity, new Signatures.Key(secret, session, until));
    }

    /// The account's policy allows everything but these, as in `s3:PutObject`.
    public void deny(String... actions) {
        denied.addAll(List.of(actions));
    }

    /// What is there, by key.
    public Map<String, byte[]> objects() {
        return objects;
    }

    /// Method, key and status of each request, and with it `signed` for one whose address was.
    public List<String> served() {
        return List.copyOf(served);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void serve(HttpExchange exchange) {
        try (exchange) {
            String method = exchange.getRequestMethod();
            byte[] body = exchange.getRequestBody().readAllBytes();
            boolean signed = exchange.getRequestURI().toString().contains("X-Amz-Signature");
            int status = method.equals("DELETE") ? 204 : 200;
            byte[] answer;
            try {
                answer = answer(method, exchange.getRequestURI(), exchange.getRequestHeaders(), body);
            } catch (ApiError error) {
                status = error.status;
                answer = ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + error.code + "</Code><Message>"
                                + error.getMessage() + "</Message></Error>")
                        .getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "application/xml");
            }
            served.add(method + " " + exchange.getRequestURI().getPath() + " " + status + (signed ? " signed" : ""));
            boolean silent = method.equals("HEAD") || status == 204;
            if (method.equals("HEAD")) {
                exchange.getResponseHeaders().set("Content-Length", Integer.toString(answer.length));
            }
            exchange.sendResponseHeaders(status, silent || answer.length == 0 ? -1 : answer.length);
            if (!silent) {
                exchange.getResponseBody().write(answer);
            }
        } catch (IOException e) {
            exchange.close(); // The other side is gone.
        }
    }

    private byte[] answer(String method, URI uri, Headers headers, byte[] body) {
        signatures.checkS3(method, uri, headers, body, Instant.now());
        String[] path = uri.getPath().substring(1).split("/", 2);
        String action = switch (method) {
            case "PUT" -> "s3:PutObject";
            case "GET", "HEAD" -> "s3:GetObject";
            case "DELETE" -> "s3:DeleteObject";
            default -> throw new ApiError(405, "MethodNotAllowed", "The specified method is not allowed");
        };
        if (!path[0].equals(BUCKET)) {
            throw new ApiError(404, "NoSuchBucket", "The specified bucket does not exist");
        } else if (denied.contains(action)) {
            throw new ApiError(
                    403,
                    "AccessDenied",
                    "User: arn:aws:iam::123456789012:user/astro is not authorized to perform: " + action
                            + " on resource: \"arn:aws:s3:::" + BUCKET + "/" + path[1]
                            + "\" because no identity-based policy allows the " + action + " action");
        }
        return switch (method) {
            case "PUT" -> put(path[1], headers, body);
            case "DELETE" -> {
                objects.remove(path[1]);
                yield new byte[0];
            }
            default -> {
                byte[] found = objects.get(path[1]);
                if (found == null) {
                    throw new ApiError(404, "NoSuchKey", "The specified key does not exist.");
                }
                yield found;
            }
        };
    }

    private byte[] put(String key, Headers headers, byte[] body) {
        if (!"AES256".equals(headers.getFirst("X-Amz-Server-Side-Encryption"))) {
            throw new ApiError(403, "AccessDenied", "Access Denied");
        }
        String sum = headers.getFirst("X-Amz-Checksum-Sha256");
        try {
            byte[] ours = MessageDigest.getInstance("SHA-256").digest(body);
            if (!Base64.getEncoder().encodeToString(ours).equals(sum)) {
                throw ApiError.bad("BadDigest", "The SHA256 you specified did not match the calculated checksum.");
            }
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        objects.put(key, body);
        return new byte[0];
    }
}
