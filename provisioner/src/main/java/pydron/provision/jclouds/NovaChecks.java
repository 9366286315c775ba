package pydron.provision.jclouds;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jclouds.openstack.nova.v2_0.NovaApi;
import org.jclouds.openstack.nova.v2_0.domain.Flavor;
import pydron.provision.cloud.Check;
import pydron.provision.cloud.Check.Outcome;
import pydron.provision.cloud.Offer;
import pydron.provision.model.Pool;
import pydron.provision.model.Problem;
import pydron.provision.model.Resources;
import pydron.provision.openstack.Json;
import pydron.provision.openstack.Session;

/// What can be found out about a project without starting anything.
final class NovaChecks {
    private static final Duration SKEW = Duration.ofSeconds(30);
    private static final Duration MUCH_SKEW = Duration.ofMinutes(5);
    private static final long UNLIMITED = -1;

    private final Session session;
    private final NovaShelf shelf;
    private final Supplier<NovaApi> nova;
    private final NovaOptions options;
    private final List<Check> lines = new ArrayList<>();

    NovaChecks(Session session, NovaShelf shelf, Supplier<NovaApi> nova, NovaOptions options) {
        this.session = session;
        this.shelf = shelf;
        this.nova = nova;
        this.options = options;
    }

    List<Check> check(List<Pool> pools) {
        shelf.forget();
        boolean known = line("credentials", this::credentials);
        if (known) {
            line("clock", this::clock);
            line("quota", () -> quota(pools));
            Optional<NovaShelf.Image> image = image();
            pools.forEach(pool -> line("pool " + pool.name(), () -> pool(pool, image)));
            line("network", this::network);
            if (!options.network().floating().isEmpty()) {
                line("public addresses", this::floating);
            }
            line("security group", this::group);
        }
        return lines;
    }

    /// Adds what a check finds, or why it could not look.
    private boolean line(String what, Supplier<Check> check) {
        try {
            lines.add(check.get());
            return true;
        } catch (RuntimeException e) {
            Problem problem = NovaAnswer.problem(e);
            lines.add(bad(what, problem instanceof Problem.Refused ? problem.detail() : problem.text()));
            return false;
        }
    }

    private static Check good(String what, String text) {
        return new Check(what, Outcome.GOOD, text);
    }

    private static Check warning(String what, String text) {
        return new Check(what, Outcome.WARNING, text);
    }

    private static Check bad(String what, String text) {
        return new Check(what, Outcome.BAD, text);
    }

    private Check credentials() {
        Session.State state = session.state();
        return good(
                "credentials",
                state.who() + ", project '" + state.project() + "', from " + state.origin()
                        + "; this token is good until " + state.expires().truncatedTo(ChronoUnit.SECONDS)
                        + " and is renewed");
    }

    private Check clock() {
        Duration ahead = session.state().ahead();
        if (ahead.abs().compareTo(SKEW) <= 0) {
            return good("clock", "agrees with the cloud's");
        }
        String text = "is " + ahead.abs().toSeconds() + " s " + (ahead.isNegative() ? "ahead of" : "behind")
                + " the cloud's: set this machine's clock (timedatectl set-ntp true)";
        return ahead.abs().compareTo(MUCH_SKEW) <= 0 ? warning("clock", text) : bad("clock", text);
    }

    private Check quota(List<Pool> pools) {
        JsonObject limits = session.get("compute", "/limits")
                .flatMap(it -> Json.object(it, "limits"))
                .flatMap(it -> Json.object(it, "absolute"))
                .orElseThrow(() -> NovaShelf.refused("the compute service does not tell"));
        long servers = left(limits, "maxTotalInstances", "totalInstancesUsed");
        long cores = left(limits, "maxTotalCores", "totalCoresUsed");
        long memory = left(limits, "maxTotalRAMSize", "totalRAMUsed");
        String text =
                "left: " + words(servers) + " instances, " + words(cores) + " cores, " + words(memory) + " MB memory";
        List<String> small = new ArrayList<>();
        for (Pool pool : pools) {
            if (servers == 0
                    || less(cores, pool.size().cores())
                    || less(memory, pool.size().memory() >> 20)) {
                small.add(pool.name());
            }
        }
        return small.isEmpty()
                ? good("quota", text)
                : bad(
                        "quota",
                        text + "; too little for one instance of " + String.join(", ", small)
                                + ": end other servers, or ask the project's administrators for more");
    }

    private static boolean less(long left, long needed) {
        return left != UNLIMITED && left < needed;
    }

    private static long left(JsonObject limits, String most, String used) {
        long limit = Json.number(limits, most).orElse(UNLIMITED);
        return limit < 0
                ? UNLIMITED
                : Math.max(0, limit - Json.number(limits, used).orElse(0L));
    }

    private static String words(long left) {
        return left == UNLIMITED ? "any number of" : Long.toString(left);
    }

    private Optional<NovaShelf.Image> image() {
        List<NovaShelf.Image> found = new ArrayList<>();
        line("image", () -> {
            NovaShelf.Image image = shelf.image(options.image());
            found.add(image);
            String text = "'" + image.name() + "' (" + image.id() + ")";
            if (!image.status().equals("active")) {
                return bad("image", text + " is " + image.status() + ", not active");
            }
            return image.sameName() > 1
                    ? warning("image", text + ": the newest of " + image.sameName() + " with this name")
                    : good("image", text);
        });
        return found.stream().findFirst();
    }

    private Check pool(Pool pool, Optional<NovaShelf.Image> image) {
        String what = "pool " + pool.name();
        Flavor flavor = shelf.flavor(pool.machine().type());
        String text = "flavor '" + flavor.getName() + "': " + flavor.getVcpus() + " cores, " + flavor.getRam()
                + " MB memory, " + flavor.getDisk() + " GB disk";
        List<String> wrong = new ArrayList<>();
        // With no disk of its own, a flavor's servers take the image's.
        image.filter(it -> flavor.getDisk() > 0 && flavor.getDisk() < it.size())
                .ifPresent(it -> wrong.add("the image needs a disk of " + it.size() + " GB"));
        image.filter(it -> flavor.getRam() < it.memory())
                .ifPresent(it -> wrong.add("the image needs " + it.memory() + " MB of memory"));
        String zone = pool.machine().zone();
        TreeSet<String> zones = zones();
        if (!zone.isEmpty() && !zones.isEmpty() && !zones.contains(zone)) {
            wrong.add("there is no zone '" + zone + "'; there are: " + String.join(", ", zones));
        }
        if (!wrong.isEmpty()) {
            return bad(what, text + "; " + String.join("; ", wrong));
        }
        boolean asSet =
                pool.size().cores() == flavor.getVcpus() && pool.size().memory() <= ((long) flavor.getRam() << 20);
        return asSet
                ? good(what, text)
                : warning(
                        what,
                        text + "; the settings say " + pool.size().cores() + " cores, "
                                + (pool.size().memory() >> 20) + " MB");
    }

    private TreeSet<String> zones() {
        TreeSet<String> result = new TreeSet<>();
        nova.get()
                .getAvailabilityZoneApi(NovaConnection.REGION)
                .toJavaUtil()
                .ifPresent(api -> api.listAvailabilityZones().forEach(it -> {
                    if (it.getState().isAvailable()) {
                        result.add(it.getName());
                    }
                }));
        return result;
    }

    private Check network() {
        if (!options.network().networks().isEmpty()) {
            List<String> names = options.network().networks().stream()
                    .map(shelf::network)
                    .map(it -> "'" + it.name() + "' (" + it.id() + ")")
                    .toList();
            return good("network", String.join(", ", names));
        }
        List<NovaShelf.Network> all = shelf.networks("?router:external=false");
        String names = NovaShelf.some(all.stream().map(NovaShelf.Network::name).toList());
        return all.size() == 1
                ? good("network", names + ", the only one")
                : bad(
                        "network",
                        all.isEmpty()
                                ? "the project has none: make one (terraform/openstack does), or name one of another project"
                                : "there are several, and the settings name none: " + names);
    }

    private Check floating() {
        NovaShelf.Network network = shelf.network(options.network().floating());
        String text = "from '" + network.name() + "' (" + network.id() + ")";
        boolean external = shelf.networks("?router:external=true").stream().anyMatch(network::equals);
        return external
                ? good("public addresses", text)
                : bad(
                        "public addresses",
                        text + ", which leads not to the outside; those that do: "
                                + NovaShelf.some(shelf.networks("?router:external=true").stream()
                                        .map(NovaShelf.Network::name)
                                        .toList()));
    }

    /// A rule that lets SSH in.
    private static boolean opens(JsonObject rule) {
        return Json.text(rule, "direction").orElse("").equals("ingress")
                && Json.text(rule, "remote_group_id").isEmpty()
                && Json.text(rule, "protocol")
                        .map(it -> it.equals("tcp") || it.equals("6"))
                        .orElse(true)
                && Json.number(rule, "port_range_min").orElse(0L) <= 22
                && Json.number(rule, "port_range_max").orElse(65535L) >= 22;
    }

    private Check group() {
        List<String> names = options.network().securityGroups().isEmpty()
                ? List.of("default")
                : options.network().securityGroups();
        boolean open = false;
        for (String name : names) {
            String key = NovaShelf.IDENTITY.matcher(name).matches() ? "id" : "name";
            List<JsonObject> found =
                    session.get("network", "/security-groups?" + key + "=" + NovaShelf.encoded(name)).stream()
                            .flatMap(it -> Json.objects(it, "security_groups").stream())
                            .toList();
            if (found.isEmpty()) {
                return bad("security group", "there is no security group '" + name + "'");
            }
            open |= found.stream()
                    .flatMap(it -> Json.objects(it, "security_group_rules").stream())
                    .anyMatch(NovaChecks::opens);
        }
        String text = String.join(", ", names);
        return open
                ? good("security group", text + " lets SSH in")
                : warning(
                        "security group",
                        text + " has no rule that lets SSH in from outside, and instances are reached by"
                                + " SSH: openstack security group rule create --protocol tcp --dst-port 22 --remote-ip"
                                + " YOUR.ADDRESS/32 " + names.getFirst());
    }

    /// Without prices: an OpenStack has none.
    static List<Offer> offers(List<Flavor> flavors) {
        LocalDate today = Instant.now().atZone(ZoneOffset.UTC).toLocalDate();
        return flavors.stream()
                .map(it -> new Offer(
                        it.getName(),
                        new Resources(it.getVcpus(), (long) it.getRam() << 20, 0),
                        Optional.empty(),
                        today))
                .toList();
    }
}
