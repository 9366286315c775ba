package pydron.provision.jclouds;

import com.google.gson.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jclouds.openstack.nova.v2_0.NovaApi;
import org.jclouds.openstack.nova.v2_0.domain.Flavor;
import pydron.provision.model.Problem;
import pydron.provision.openstack.Failure;
import pydron.provision.openstack.Json;
import pydron.provision.openstack.Session;

/// What servers are made of: flavors, images and networks by the names that people use. What was found is
/// remembered for a while, so that a start is one call; what was not found is looked for again.
final class NovaShelf {
    static final Pattern IDENTITY = Pattern.compile("[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}");
    private static final Pattern DEBIAN = Pattern.compile("(?i)^debian[-_ ]*(gnu/linux)?[-_ ]*\\d");
    private static final Duration FRESH = Duration.ofMinutes(10);

    private final Session session;
    private final Supplier<NovaApi> nova;
    private final Map<String, Found<?>> found = new LinkedHashMap<>();

    private record Found<T>(T value, long nanos) {}

    /// @param size bytes that a disk needs at least, in GB
    /// @param memory in MB
    record Image(String id, String name, String status, String created, long size, long memory, int sameName) {}

    record Network(String id, String name) {}

    NovaShelf(Session session, Supplier<NovaApi> nova) {
        this.session = session;
        this.nova = nova;
    }

    List<Flavor> flavors() {
        List<Flavor> result = new ArrayList<>();
        nova.get().getFlavorApi(NovaConnection.REGION).listInDetail().concat().forEach(result::add);
        result.sort(Comparator.comparingInt(Flavor::getVcpus)
                .thenComparingInt(Flavor::getRam)
                .thenComparing(Flavor::getName));
        return result;
    }

    Flavor flavor(String name) {
        return remembered("flavor " + name, () -> {
            List<Flavor> all = flavors();
            return all.stream()
                    .filter(it -> name.equals(it.getName()))
                    .findFirst()
                    .or(() -> all.stream().filter(it -> it.getId().equals(name)).findFirst())
                    .orElseThrow(() -> refused("there is no flavor '" + name + "'; there are: "
                            + some(all.stream().map(Flavor::getName).toList())));
        });
    }

    Image image(String name) {
        return remembered("image " + name, () -> {
            if (name.isEmpty()) {
                return newest(images("&status=active&sort=created_at:desc").stream()
                                .filter(it -> DEBIAN.matcher(it.name()).find())
                                .toList())
                        .orElseThrow(
                                () -> refused("no image is named in the settings of this cloud, and there is no Debian;"
                                        + " there are: " + names()));
            } else if (IDENTITY.matcher(name).matches()) {
                return session.get("image", "/images/" + name)
                        .map(it -> image(it, 1))
                        .orElseThrow(() -> refused("there is no image '" + name + "'"));
            }
            return newest(images("&name=" + encoded(name)))
                    .orElseThrow(() -> refused("there is no image '" + name + "'; there are: " + names()));
        });
    }

    private static Optional<Image> newest(List<Image> images) {
        return images.stream()
                .max(Comparator.comparing((Image it) -> it.status().equals("active"))
                        .thenComparing(Image::created));
    }

    private List<Image> images(String query) {
        List<JsonObject> all = session.get("image", "/images?limit=100" + query)
                .map(it -> Json.objects(it, "images"))
                .orElse(List.of());
        return all.stream().map(it -> image(it, all.size())).toList();
    }

    private String names() {
        return some(images("&status=active&sort=created_at:desc").stream()
                .map(Image::name)
                .distinct()
                .toList());
    }

    private static Image image(JsonObject it, int sameName) {
        return new Image(
                Json.text(it, "id").orElse(""),
                Json.text(it, "name").orElse(""),
                Json.text(it, "status").orElse("without a status"),
                Json.text(it, "created_at").orElse(""),
                Json.number(it, "min_disk").orElse(0L),
                Json.number(it, "min_ram").orElse(0L),
                sameName);
    }

    Network network(String name) {
        return remembered("network " + name, () -> {
            if (IDENTITY.matcher(name).matches()) {
                Optional<JsonObject> byId = session.get("network", "/networks/" + name);
                if (byId.isPresent()) {
                    return network(Json.object(byId.get(), "network").orElseThrow());
                }
            }
            List<Network> all = networks("?name=" + encoded(name));
            if (all.size() > 1) {
                throw refused("there are " + all.size() + " networks '" + name + "': name one by its identity: "
                        + some(all.stream().map(Network::id).toList()));
            } else if (all.isEmpty()) {
                throw refused("there is no network '" + name + "'; there are: "
                        + some(networks("").stream().map(Network::name).toList()));
            }
            return all.getFirst();
        });
    }

    List<Network> networks(String query) {
        return session.get("network", "/networks" + query).stream()
                .flatMap(it -> Json.objects(it, "networks").stream())
                .map(NovaShelf::network)
                .sorted(Comparator.comparing(Network::name).thenComparing(Network::id))
                .toList();
    }

    private static Network network(JsonObject it) {
        return new Network(
                Json.text(it, "id").orElseThrow(), Json.text(it, "name").orElse(""));
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    static String some(List<String> names) {
        int most = 12;
        String text = String.join(", ", names.subList(0, Math.min(most, names.size())));
        return names.isEmpty() ? "none" : names.size() > most ? text + ", …" : text;
    }

    static Failure refused(String text) {
        return new Failure(new Problem.Refused(text));
    }

    @SuppressWarnings("unchecked")
    private synchronized <T> T remembered(String key, Supplier<T> finder) {
        long now = System.nanoTime();
        Found<?> before = found.get(key);
        if (before != null && now - before.nanos() < FRESH.toNanos()) {
            return (T) before.value();
        }
        found.remove(key);
        T value = finder.get();
        found.put(key, new Found<>(value, now));
        return value;
    }

    /// After something was refused: it may be gone.
    synchronized void forget() {
        found.clear();
    }
}
