package pydron.provision.openstack;

import com.google.gson.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import pydron.provision.model.Problem;

/// An OpenStack that one is logged in to: tokens, renewed in time, and the services' addresses. Settings are
/// read again whenever a token is needed, so that a corrected password is used at once; a refused one is not
/// tried again for a while, because Identity services lock users out who are refused too often.
public final class Session implements AutoCloseable {
    private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);
    private static final Map<String, List<String>> KINDS = Map.of(
            "compute", List.of("compute", "compute_legacy"),
            "network", List.of("network"),
            "image", List.of("image"));

    private final Supplier<Access> source;
    private Optional<Login> login = Optional.empty();
    private Optional<Refusal> refusal = Optional.empty();

    private record Login(Access access, Token token) {}

    private record Refusal(Access access, Failure failure, Instant until, Duration pause) {}

    /// One set of trusted authorities.
    private record Client(Optional<java.nio.file.Path> certificates, Http http) {}

    private Optional<Client> client = Optional.empty();

    /// What is known of the login, for people.
    ///
    /// @param ahead how far the services' clock is ahead of ours
    public record State(String origin, String who, String project, Instant expires, Duration ahead) {
        public State {
            Objects.requireNonNull(origin);
        }
    }

    /// @param source asked for each new token; may throw [BadAccess]
    public Session(Supplier<Access> source) {
        this.source = Objects.requireNonNull(source);
    }

    public synchronized String token() {
        return login().token().secret();
    }

    /// To be called when a service does not accept a token that should be good.
    public synchronized void forget(String token) {
        login = login.filter(it -> !it.token().secret().equals(token));
    }

    public synchronized State state() {
        Login it = login();
        return new State(
                it.access().origin(),
                it.access().credential().who(),
                it.token().scope().project().isEmpty()
                        ? it.token().scope().projectId()
                        : it.token().scope().project(),
                it.token().expires(),
                it.token().skew());
    }

    /// For who makes connections to the services by other means.
    public synchronized Optional<SSLContext> trust() {
        return trust(access());
    }

    private Access access() {
        try {
            return source.get();
        } catch (BadAccess e) {
            throw new Failure(new Problem.Unauthorized(e.getMessage()));
        }
    }

    private static Optional<SSLContext> trust(Access access) {
        try {
            return access.certificates().map(Http::trusting);
        } catch (BadAccess e) {
            throw new Failure(new Problem.Unauthorized(e.getMessage()));
        }
    }

    private Login login() {
        Instant now = Instant.now();
        Optional<Login> good = login.filter(it -> it.token().good(now));
        if (good.isPresent()) {
            return good.get();
        }
        Access access = access();
        Optional<Refusal> before = refusal.filter(it -> it.access().equals(access));
        if (before.isPresent() && now.isBefore(before.get().until())) {
            throw new Failure(before.get().failure().problem());
        }
        try {
            Login fresh = new Login(access, new Keystone(http(access)).authenticate(access));
            login = Optional.of(fresh);
            refusal = Optional.empty();
            return fresh;
        } catch (Failure e) {
            if (e.problem() instanceof Problem.Unauthorized) {
                Duration pause = before.map(it -> it.pause().multipliedBy(2))
                        .filter(it -> it.compareTo(LONGEST_PAUSE) < 0)
                        .orElse(before.isPresent() ? LONGEST_PAUSE : SHORTEST_PAUSE);
                refusal = Optional.of(new Refusal(access, e, now.plus(pause), pause));
            }
            throw e;
        }
    }

    private Http http(Access access) {
        if (client.filter(it -> it.certificates().equals(access.certificates())).isEmpty()) {
            client.ifPresent(it -> it.http().close());
            client = Optional.empty();
            client = Optional.of(new Client(access.certificates(), new Http(trust(access))));
        }
        return client.orElseThrow().http();
    }

    /// Where a service is: what the settings say, or else the catalogue.
    public synchronized URI endpoint(String kind) {
        Login it = login();
        URI override = it.access().endpoints().get(kind);
        if (override != null) {
            return override;
        }
        Access.Place place = it.access().place();
        List<Token.Service> there = KINDS.getOrDefault(kind, List.of(kind)).stream()
                .map(name -> it.token().catalogue().stream()
                        .filter(each -> each.kind().equals(name) && each.face().equals(place.face()))
                        .toList())
                .filter(found -> !found.isEmpty())
                .findFirst()
                .orElseThrow(() -> refused("the catalogue of project '" + state().project() + "' has no " + place.face()
                        + " address of the service '" + kind + "' ("
                        + it.access().origin() + ")"));
        TreeSet<String> regions = new TreeSet<>();
        there.forEach(each -> regions.add(each.region()));
        if (place.region().isEmpty() && regions.size() > 1) {
            throw refused("there are several regions: set region_name in "
                    + it.access().origin() + " to one of " + String.join(", ", regions));
        }
        return there.stream()
                .filter(each -> place.region().isEmpty() || each.region().equals(place.region()))
                .map(Token.Service::address)
                .findFirst()
                .orElseThrow(
                        () -> refused("there is no region '" + place.region() + "', but " + String.join(", ", regions)
                                + ": set region_name in " + it.access().origin()));
    }

    private static Failure refused(String text) {
        return new Failure(new Problem.Refused(text));
    }

    /// Whether the project can use such a service at all.
    public synchronized boolean has(String kind) {
        Login it = login();
        return it.access().endpoints().containsKey(kind)
                || it.token().catalogue().stream()
                        .anyMatch(
                                each -> KINDS.getOrDefault(kind, List.of(kind)).contains(each.kind()));
    }

    /// @param path with a slash in front, below the service's version, encoded
    /// @return nothing where there is no such thing
    public Optional<JsonObject> get(String kind, String path) {
        return call(kind, "GET", path, HttpRequest.BodyPublishers.noBody());
    }

    /// @return nothing where something that it needs is not there
    public Optional<JsonObject> post(String kind, String path, JsonObject body) {
        return call(kind, "POST", path, HttpRequest.BodyPublishers.ofString(body.toString()));
    }

    /// @return false when there is no such thing
    public boolean delete(String kind, String path) {
        return call(kind, "DELETE", path, HttpRequest.BodyPublishers.noBody()).isPresent();
    }

    private Optional<JsonObject> call(String kind, String method, String path, HttpRequest.BodyPublisher body) {
        URI base = endpoint(kind);
        String version = switch (kind) {
            case "network" -> base.getPath().matches(".*/v2(\\.0)?") ? "" : "/v2.0";
            case "image" -> base.getPath().matches(".*/v2(\\.\\d+)?") ? "" : "/v2";
            default -> "";
        };
        URI uri = URI.create(base + version + path);
        Http.Answer answer = call(method, uri, body);
        if (answer.status() == 401) {
            answer = call(method, uri, body);
        }
        return switch (answer.status()) {
            case 200, 201, 202 ->
                Optional.of(Json.object(answer.body())
                        .orElseThrow(() -> new Failure(new Problem.Unknown(uri + " does not answer in JSON"))));
            case 204 -> Optional.of(new JsonObject());
            case 404 -> Optional.empty();
            case 401, 403 -> throw new Failure(new Problem.Unauthorized(kind + " service: " + answer.said()));
            case 400, 409 -> throw refused(kind + " service: " + answer.said());
            case 413, 429 -> throw new Failure(answer.throttled());
            default ->
                throw new Failure(new Problem.Unknown(
                        kind + " service at " + base + " answers " + answer.status() + ": " + answer.said()));
        };
    }

    private Http.Answer call(String method, URI uri, HttpRequest.BodyPublisher body) {
        String token;
        Http http;
        synchronized (this) {
            token = token();
            http = http(login().access());
        }
        HttpRequest request = http.request(uri)
                .header("X-Auth-Token", token)
                .header("Content-Type", "application/json")
                .method(method, body)
                .build();
        Http.Answer answer = http.send(request);
        if (answer.status() == 401) {
            forget(token);
        }
        return answer;
    }

    @Override
    public synchronized void close() {
        client.ifPresent(it -> it.http().close());
        client = Optional.empty();
        login = Optional.empty();
    }
}
