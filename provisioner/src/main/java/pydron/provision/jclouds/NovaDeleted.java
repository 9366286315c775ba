package pydron.provision.jclouds;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import pydron.provision.model.ClaimId;
import pydron.provision.model.Thing;
import pydron.provision.openstack.Json;
import pydron.provision.openstack.Session;

/// Servers that are gone: a list leaves them out at once, so that nobody can tell what is deleted from what is not
/// listed yet; a list of what has changed has them.
final class NovaDeleted {
    /// So long after something was deleted, it is looked for.
    private static final Duration WINDOW = Duration.ofMinutes(10);

    /// Clocks may differ, and a service before this one may have deleted it.
    private static final Duration BACK = Duration.ofHours(1);

    private final Session session;
    private Instant last = Instant.MIN;

    NovaDeleted(Session session) {
        this.session = session;
    }

    /// Something is deleted, or was.
    synchronized void expect() {
        last = Instant.now();
    }

    /// Nova forgets the tags of what is deleted; its name has the claim.
    synchronized List<Thing> list() {
        Instant now = Instant.now();
        if (last.plus(WINDOW).isBefore(now)) {
            return List.of();
        }
        String since = now.minus(BACK).truncatedTo(ChronoUnit.SECONDS).toString();
        try {
            return session
                    .get("compute", "/servers/detail?changes-since=" + since)
                    .map(it -> Json.objects(it, "servers"))
                    .orElse(List.of())
                    .stream()
                    .flatMap(it -> deleted(it).stream())
                    .toList();
        } catch (RuntimeException e) {
            return List.of(); // What is not listed for long is taken for gone all the same.
        }
    }

    private static Optional<Thing> deleted(JsonObject server) {
        String name = Json.text(server, "name").orElse("");
        boolean gone = Json.text(server, "status").filter("DELETED"::equals).isPresent()
                && name.startsWith(NovaCloud.PREFIX)
                && name.length() > NovaCloud.PREFIX.length();
        return gone
                ? Json.text(server, "id")
                        .map(id -> new Thing(
                                Thing.Kind.INSTANCE,
                                id,
                                Optional.of(new ClaimId(name.substring(NovaCloud.PREFIX.length()))),
                                Thing.Life.ENDED,
                                Thing.Footprint.NONE,
                                List.of()))
                : Optional.empty();
    }
}
