package pydron.provision.jclouds;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import pydron.provision.openstack.AccessFinder;
import pydron.provision.openstack.Json;
import pydron.provision.openstack.Session;
import pydron.provision.openstack.Surroundings;

/// The OpenStack that `tests/openstack/up` has started, for tests that need a real one.
public final class OpenStackLab {
    private static final Pattern EXPORT = Pattern.compile("export (OS_\\w+)=(.*)");

    private final Path folder;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Session admin;

    /// @throws IllegalStateException where there is none: a test that needs one is not to be skipped silently
    public OpenStackLab() {
        String state = System.getenv("PYDRON_TEST_OPENSTACK");
        if (state == null) {
            throw new IllegalStateException("PYDRON_TEST_OPENSTACK is not set: run make check-clouds");
        }
        folder = Path.of(state);
        admin = new Session(() -> new AccessFinder(around(variables("openrc-admin"))).find(""));
    }

    /// What `openrc` sets.
    public Map<String, String> variables(String file) {
        Map<String, String> result = new HashMap<>();
        try {
            for (String line : Files.readAllLines(folder.resolve(file))) {
                Matcher matcher = EXPORT.matcher(line);
                if (matcher.matches()) {
                    result.put(matcher.group(1), matcher.group(2));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return result;
    }

    public Map<String, String> user() {
        return variables("openrc");
    }

    Surroundings around(Map<String, String> variables) {
        Path nowhere = folder.resolve("nothing-is-here");
        return new Surroundings(variables, nowhere, nowhere, nowhere);
    }

    Session session(Map<String, String> variables) {
        return new Session(() -> new AccessFinder(around(variables)).find(""));
    }

    /// As the administrator.
    ///
    /// @param kind of service, `identity` for one
    public JsonObject call(String method, String kind, String path, String body) {
        return call(admin, method, kind, path, body);
    }

    JsonObject call(Session who, String method, String kind, String path, String body) {
        // From this version on Nova tells the administrator the user data.
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(who.endpoint(kind) + path))
                .header("X-Auth-Token", who.token())
                .header("X-OpenStack-Nova-API-Version", "2.3")
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        try {
            HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() >= 300) {
                throw new IllegalStateException(
                        method + " " + path + ": " + response.statusCode() + " " + response.body());
            }
            return response.body().isEmpty()
                    ? new JsonObject()
                    : JsonParser.parseString(response.body()).getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    void revoke(Session who, String token) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(who.endpoint("identity") + "/auth/tokens"))
                .header("X-Auth-Token", token)
                .header("X-Subject-Token", token)
                .DELETE()
                .build();
        try {
            int status =
                    http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            if (status != 204) {
                throw new IllegalStateException("not revoked: " + status);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Its servers' ports may take a moment to go.
    void deleteNetwork(Session who, String id) {
        for (int times = 0; ; times++) {
            try {
                call(who, "DELETE", "network", "/v2.0/networks/" + id, "");
                return;
            } catch (IllegalStateException e) {
                if (times == 40) {
                    throw e;
                }
            }
            try {
                Thread.sleep(250);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    public String project() {
        String name = user().get("OS_PROJECT_NAME");
        return Json.objects(call("GET", "identity", "/projects?name=" + name, ""), "projects")
                .getFirst()
                .get("id")
                .getAsString();
    }

    /// @param resource `instances`, `cores`
    public void quota(String resource, long most) {
        String project = project();
        call(
                "PUT",
                "compute",
                "/os-quota-sets/" + project,
                "{\"quota_set\":{\"" + resource + "\":" + most + ",\"force\":true}}");
    }

    /// As before the tests.
    public void resetQuota() {
        call("DELETE", "compute", "/os-quota-sets/" + project(), "");
    }

    public long used() {
        return Objects.requireNonNull(call("GET", "compute", "/limits?tenant_id=" + project(), ""))
                .getAsJsonObject("limits")
                .getAsJsonObject("absolute")
                .get("totalInstancesUsed")
                .getAsLong();
    }
}
