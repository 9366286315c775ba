package pydron.provision.jclouds;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import pydron.provision.model.ClaimId;
import pydron.provision.model.Problem;
import pydron.provision.model.Thing;
import pydron.provision.openstack.Failure;
import pydron.provision.openstack.Json;
import pydron.provision.openstack.Session;

/// Public addresses for servers that have none: each is taken for one claim, says so in its description, and
/// is given back with the server.
final class FloatingAddresses {
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final Duration PORT = Duration.ofSeconds(30);

    private final Session session;
    private final String installation;

    FloatingAddresses(Session session, String installation) {
        this.session = session;
        this.installation = installation;
    }

    /// Waits until the server has a port, and gives that an address.
    ///
    /// @param network the identity of the one that addresses come from
    void attach(String server, ClaimId claim, String network) throws InterruptedException {
        JsonObject address = new JsonObject();
        address.addProperty("floating_network_id", network);
        address.addProperty("port_id", port(server));
        address.addProperty("description", new Label(installation, Optional.of(claim)).toString());
        JsonObject body = new JsonObject();
        body.add("floatingip", address);
        try {
            session.post("network", "/floatingips", body)
                    .orElseThrow(() -> NovaShelf.refused("network '" + network
                            + "' cannot give addresses to this server's network: a router must connect them"));
        } catch (Failure e) {
            throw new Failure(refined(e.problem()));
        }
    }

    private static Problem refined(Problem problem) {
        if (!(problem instanceof Problem.Refused refused)) {
            return problem;
        } else if (refused.detail().contains("No more IP addresses")) {
            return new Problem.NoCapacity(refused.detail());
        } else if (refused.detail().contains("Quota exceeded")) {
            return new Problem.QuotaExceeded(
                    "floating addresses", refused.detail() + "; the project's administrators can raise it");
        }
        return problem;
    }

    private String port(String server) throws InterruptedException {
        long end = System.nanoTime() + PORT.toNanos();
        while (System.nanoTime() < end) {
            Optional<String> port = session.get("network", "/ports?device_id=" + server).stream()
                    .flatMap(it -> Json.objects(it, "ports").stream())
                    .flatMap(it -> Json.text(it, "id").stream())
                    .findFirst();
            if (port.isPresent()) {
                return port.get();
            }
            Thread.sleep(LOOK);
        }
        throw new Failure(new Problem.NoCapacity("the server has no port after " + PORT.toSeconds() + " s"));
    }

    List<Thing> list() {
        return all("").map(it -> {
                    Label label =
                            Label.of(Json.text(it, "description").orElse("")).orElseThrow();
                    return label.thing(Thing.Kind.ADDRESS, Json.text(it, "id").orElseThrow());
                })
                .toList();
    }

    private Stream<JsonObject> all(String query) {
        if (!session.has("network")) {
            return Stream.empty();
        }
        return session.get("network", "/floatingips" + query).stream()
                .flatMap(it -> Json.objects(it, "floatingips").stream())
                .filter(it -> Label.of(Json.text(it, "description").orElse(""))
                        .filter(label -> label.installation().equals(installation))
                        .isPresent());
    }

    boolean remove(String id) {
        return all("?id=" + id).findAny().isPresent() && session.delete("network", "/floatingips/" + id);
    }

    /// Those of a server that ends; what is not given back here is found by the list.
    void removeOf(ClaimId claim) {
        String label = new Label(installation, Optional.of(claim)).toString();
        all("?description=" + NovaShelf.encoded(label))
                .flatMap(it -> Json.text(it, "id").stream())
                .toList()
                .forEach(it -> session.delete("network", "/floatingips/" + it));
    }
}
