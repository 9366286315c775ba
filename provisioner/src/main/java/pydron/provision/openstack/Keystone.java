package pydron.provision.openstack;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import pydron.provision.model.Problem;

/// Gets tokens from the Identity service, version 3.
final class Keystone {
    private final Http http;

    Keystone(Http http) {
        this.http = http;
    }

    Token authenticate(Access access) {
        URI uri = URI.create(access.identity() + "/auth/tokens");
        HttpRequest request = http.request(uri)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body(access).toString()))
                .build();
        Http.Answer response = http.send(request);
        Instant now = Instant.now();
        return switch (response.status()) {
            case 200, 201 -> token(access, response, now);
            case 401, 403 ->
                throw new Failure(new Problem.Unauthorized(access.credential().who() + " is refused by "
                        + access.identity() + ": " + response.said() + " (" + access.origin() + ")"));
            case 404, 405, 300 ->
                throw new Failure(new Problem.Refused("there is no Identity service of version 3 at "
                        + access.identity() + ": check auth_url in " + access.origin()));
            case 400 ->
                throw new Failure(new Problem.Refused(access.identity() + " does not understand the settings in "
                        + access.origin() + ": " + response.said()));
            case 429 -> throw new Failure(response.throttled());
            default ->
                throw new Failure(new Problem.Unknown(
                        access.identity() + " answers " + response.status() + ": " + response.said()));
        };
    }

    private static JsonObject body(Access access) {
        JsonObject identity = new JsonObject();
        JsonArray methods = new JsonArray();
        identity.add("methods", methods);
        JsonObject auth = new JsonObject();
        auth.add("identity", identity);
        switch (access.credential()) {
            case Access.Password it -> {
                methods.add("password");
                JsonObject user = named(it.user());
                user.addProperty("password", it.password());
                identity.add("password", wrap("user", user));
                auth.add("scope", wrap("project", named(it.project())));
            }
            case Access.ApplicationCredential it -> {
                methods.add("application_credential");
                JsonObject credential = new JsonObject();
                if (it.id().isEmpty()) {
                    credential.addProperty("name", it.name());
                    it.user().ifPresent(user -> credential.add("user", named(user)));
                } else {
                    credential.addProperty("id", it.id());
                }
                credential.addProperty("secret", it.secret());
                identity.add("application_credential", credential);
            }
        }
        return wrap("auth", auth);
    }

    private static JsonObject named(Access.Named it) {
        JsonObject result = new JsonObject();
        if (!it.id().isEmpty()) {
            result.addProperty("id", it.id());
            return result;
        }
        result.addProperty("name", it.name());
        JsonObject domain = new JsonObject();
        if (it.domainId().isEmpty()) {
            domain.addProperty("name", it.domainName());
        } else {
            domain.addProperty("id", it.domainId());
        }
        result.add("domain", domain);
        return result;
    }

    private static JsonObject wrap(String key, JsonObject value) {
        JsonObject result = new JsonObject();
        result.add(key, value);
        return result;
    }

    private static Token token(Access access, Http.Answer response, Instant now) {
        Optional<String> secret = response.headers().firstValue("X-Subject-Token");
        Optional<JsonObject> token = Json.object(response.body()).flatMap(it -> Json.object(it, "token"));
        if (secret.isEmpty() || token.isEmpty()) {
            throw new Failure(new Problem.Refused(access.identity()
                    + " does not answer like an Identity service of version 3: check auth_url in " + access.origin()));
        }
        List<Token.Service> catalogue = new ArrayList<>();
        for (JsonObject service : Json.objects(token.get(), "catalog")) {
            String kind = Json.text(service, "type").orElse("");
            for (JsonObject endpoint : Json.objects(service, "endpoints")) {
                Json.text(endpoint, "url")
                        .flatMap(Keystone::uri)
                        .ifPresent(it -> catalogue.add(new Token.Service(
                                kind,
                                Json.text(endpoint, "interface").orElse("").replaceAll("URL$", ""),
                                Json.text(endpoint, "region_id")
                                        .or(() -> Json.text(endpoint, "region"))
                                        .orElse(""),
                                it)));
            }
        }
        JsonObject project = Json.object(token.get(), "project").orElseGet(JsonObject::new);
        return new Token(
                secret.get(),
                Json.text(token.get(), "expires_at").flatMap(Keystone::instant).orElse(now.plusSeconds(600)),
                now,
                skew(token.get(), now),
                new Token.Scope(
                        Json.text(project, "id").orElse(""),
                        Json.text(project, "name").orElse("")),
                catalogue);
    }

    /// From when it says that it issued the token, in whole seconds with most.
    private static Duration skew(JsonObject token, Instant now) {
        return Json.text(token, "issued_at")
                .flatMap(Keystone::instant)
                .map(it -> Duration.between(now, it.plusMillis(500)))
                .filter(it -> it.abs().compareTo(Duration.ofSeconds(2)) > 0)
                .orElse(Duration.ZERO);
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(ZonedDateTime.parse(text).toInstant());
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static Optional<URI> uri(String text) {
        try {
            return Optional.of(URI.create(text.replaceAll("/+$", "")));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
