package pydron.provision.jclouds;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jclouds.openstack.nova.v2_0.NovaApi;
import org.jclouds.openstack.nova.v2_0.domain.Server;
import org.jclouds.openstack.nova.v2_0.extensions.KeyPairApi;
import org.jclouds.openstack.nova.v2_0.extensions.SecurityGroupApi;
import org.jclouds.openstack.nova.v2_0.features.ServerApi;
import org.jclouds.openstack.nova.v2_0.options.CreateServerOptions;
import org.jclouds.openstack.v2_0.domain.PaginatedCollection;
import org.jclouds.openstack.v2_0.options.PaginationOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import pydron.provision.cloud.Account;
import pydron.provision.cloud.Check;
import pydron.provision.cloud.Cloud;
import pydron.provision.cloud.Launch;
import pydron.provision.cloud.LaunchRequest;
import pydron.provision.cloud.Listing;
import pydron.provision.cloud.Offer;
import pydron.provision.cloud.Removal;
import pydron.provision.model.ClaimId;
import pydron.provision.model.InstanceId;
import pydron.provision.model.Pool;
import pydron.provision.model.Problem;
import pydron.provision.model.Thing;
import pydron.provision.openstack.Access;
import pydron.provision.openstack.Json;
import pydron.provision.openstack.Session;

/// Servers of an OpenStack. Nova accepts a request before it has looked for a machine, so a start waits until
/// it has; one that found none leaves a server behind, which is deleted at once.
public final class NovaCloud implements Cloud, Account, AutoCloseable {
    /// Of the names of servers; the claim follows.
    static final String PREFIX = "pydron-";

    private static final Logger LOG = LoggerFactory.getLogger(NovaCloud.class);
    /// Nova looks for a machine for about a second.
    private static final Duration SETTLE = Duration.ofSeconds(6);

    private static final Duration LOOK = Duration.ofMillis(250);
    private static final int LONGEST_USER_DATA = 48_000;
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,255}");

    private final String name;
    private final String installation;
    private final NovaOptions options;
    private final Session session;
    private final NovaShelf shelf;
    private final FloatingAddresses floating;
    private final int page;
    private final NovaDeleted deleted;
    private NovaConnection connection;

    /// @param page how many servers one answer of the list has at most
    NovaCloud(String name, String installation, NovaOptions options, Session session, int page) {
        this.name = name;
        this.installation = Tags.installation(installation);
        this.options = options;
        this.session = session;
        this.page = page;
        shelf = new NovaShelf(session, this::nova);
        floating = new FloatingAddresses(session, this.installation);
        deleted = new NovaDeleted(session);
    }

    /// Nothing is read or called before it is needed: what is wrong with the settings is the answer of the
    /// first call, and a line of [#check].
    ///
    /// @param name as the settings call it
    /// @param access asked whenever a new token is needed: [pydron.provision.openstack.AccessFinder#named]
    public static NovaCloud open(String name, String installation, Supplier<Access> access, NovaOptions options) {
        return new NovaCloud(name, installation, options, new Session(access), 500);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean honoursTokens() {
        return false;
    }

    synchronized NovaApi nova() {
        if (connection == null) {
            connection = new NovaConnection(session);
        }
        return connection.api();
    }

    private ServerApi servers() {
        return nova().getServerApi(NovaConnection.REGION);
    }

    @Override
    public Launch start(LaunchRequest request) {
        String id;
        Optional<String> addresses;
        try {
            String network = options.network().floating();
            addresses = network.isEmpty()
                    ? Optional.empty()
                    : Optional.of(shelf.network(network).id());
            id = create(request);
        } catch (RuntimeException e) {
            Problem problem = NovaAnswer.problem(e);
            if (problem instanceof Problem.Refused) {
                shelf.forget();
            }
            return new Launch.Failed(problem);
        }
        Launch launch = settled(id);
        return launch instanceof Launch.Started && addresses.isPresent()
                ? reachable(id, request.claim(), addresses.get())
                : launch;
    }

    /// A server without an address would never join.
    private Launch reachable(String id, ClaimId claim, String network) {
        try {
            floating.attach(id, claim, network);
            return new Launch.Started(new InstanceId(id));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Launch.Failed(new Problem.Unknown("interrupted while giving " + id + " an address"));
        } catch (RuntimeException e) {
            return givenUp(id, NovaAnswer.problem(e));
        }
    }

    private String create(LaunchRequest request) {
        byte[] userData = request.userData().getBytes(StandardCharsets.UTF_8);
        if (userData.length > LONGEST_USER_DATA) {
            throw NovaShelf.refused("user data has " + userData.length + " bytes, and may have " + LONGEST_USER_DATA);
        }
        String flavor = shelf.flavor(request.pool().machine().type()).getId();
        String image = shelf.image(options.image()).id();
        CreateServerOptions more = new CreateServerOptions()
                .metadata(Tags.of(installation, request, Instant.now()))
                .userData(userData)
                .configDrive(options.configDrive())
                .networks(options.network().networks().stream()
                        .map(it -> shelf.network(it).id())
                        .toList())
                .securityGroupNames(options.network().securityGroups());
        if (!request.pool().machine().zone().isEmpty()) {
            more.availabilityZone(request.pool().machine().zone());
        }
        if (!options.keyPair().isEmpty()) {
            more.keyPairName(options.keyPair());
        }
        return servers().create(PREFIX + request.claim(), image, flavor, more).getId();
    }

    /// Waits until Nova has found a machine, or has not. A list will tell about what is not known by then.
    private Launch settled(String id) {
        long end = System.nanoTime() + SETTLE.toNanos();
        try {
            do {
                Server server = servers().get(id);
                if (server.getStatus() == Server.Status.ERROR) {
                    return failed(id);
                } else if (server.getStatus() != Server.Status.BUILD || placed(server)) {
                    return new Launch.Started(new InstanceId(id));
                }
                Thread.sleep(LOOK);
            } while (System.nanoTime() < end);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.debug(
                    "cloud={} instance={} not looked at: {}",
                    name,
                    id,
                    NovaAnswer.problem(e).text());
        }
        return new Launch.Started(new InstanceId(id));
    }

    private static boolean placed(Server server) {
        return server.getExtendedStatus()
                .transform(it -> it.getTaskState() != null && !it.getTaskState().equals("scheduling"))
                .or(false);
    }

    private Launch failed(String id) {
        Problem fault = session.get("compute", "/servers/" + id)
                .flatMap(it -> Json.object(it, "server"))
                .flatMap(it -> Json.object(it, "fault"))
                .map(it -> NovaAnswer.fault(
                        Json.number(it, "code").orElse(500L),
                        Json.text(it, "message").orElse("without a reason")))
                .orElse(new Problem.NoCapacity("the server failed without a reason"));
        return givenUp(id, fault);
    }

    /// Deletes what is no use. As long as that is not certain, the answer is not either.
    private Launch givenUp(String id, Problem reason) {
        try {
            servers().delete(id);
        } catch (RuntimeException e) {
            if (!notThere(e)) {
                return new Launch.Failed(new Problem.Unknown("server " + id + " is no use (" + reason.text()
                        + ") and is not deleted: " + NovaAnswer.problem(e).text()));
            }
        }
        return new Launch.Failed(reason);
    }

    private static boolean notThere(RuntimeException e) {
        for (Throwable it = e; it != null; it = it.getCause()) {
            if (it instanceof NovaAnswer answer) {
                return answer.status() == 404;
            }
        }
        return false;
    }

    @Override
    public Listing list() {
        try {
            List<Thing> things = new ArrayList<>();
            for (Server server : all()) {
                if (Tags.owned(installation, server.getMetadata())) {
                    things.add(thing(server));
                }
            }
            keyPairs()
                    .ifPresent(api -> api.list()
                            .forEach(it -> label(it.getName())
                                    .ifPresent(label -> things.add(label.thing(Thing.Kind.KEY_PAIR, it.getName())))));
            groups().ifPresent(api -> api.list()
                    .forEach(it -> label(it.getName())
                            .ifPresent(label -> things.add(label.thing(Thing.Kind.SECURITY_GROUP, it.getId())))));
            things.addAll(floating.list());
            things.addAll(deleted.list());
            return new Listing.Seen(things);
        } catch (RuntimeException e) {
            return new Listing.Failed(NovaAnswer.problem(e));
        }
    }

    /// Of the whole project: Nova does not filter by metadata.
    private List<Server> all() {
        List<Server> result = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        PaginationOptions next = PaginationOptions.Builder.limit(page);
        while (next != null) {
            PaginatedCollection<Server> some = servers().listInDetail(next);
            boolean fresh = false;
            for (Server server : some) {
                if (seen.add(server.getId())) {
                    fresh = true;
                    result.add(server);
                }
            }
            next = fresh && some.nextMarker().isPresent() ? some.nextPaginationOptions() : null;
        }
        return result;
    }

    private static Thing thing(Server server) {
        Thing.Life life = switch (server.getStatus()) {
            case DELETED, SOFT_DELETED -> Thing.Life.ENDED;
            // One that failed, or shut itself down, is still there, and is to be deleted.
            default -> Thing.Life.ALIVE;
        };
        return new Thing(
                Thing.Kind.INSTANCE,
                server.getId(),
                Tags.claim(server.getMetadata()),
                life,
                Tags.footprint(server.getMetadata()),
                Addresses.of(server));
    }

    private Optional<KeyPairApi> keyPairs() {
        return nova().getKeyPairApi(NovaConnection.REGION).toJavaUtil();
    }

    private Optional<SecurityGroupApi> groups() {
        return nova().getSecurityGroupApi(NovaConnection.REGION).toJavaUtil();
    }

    private Optional<Label> label(String name) {
        return Label.of(name).filter(it -> it.installation().equals(installation));
    }

    @Override
    public Removal remove(Thing.Kind kind, String id) {
        if (!ID.matcher(id).matches()) {
            return new Removal.NotThere();
        }
        try {
            boolean removed = switch (kind) {
                case INSTANCE -> removeServer(id);
                case KEY_PAIR -> removeKeyPair(id);
                case SECURITY_GROUP -> removeGroup(id);
                case ADDRESS -> floating.remove(id);
                case VOLUME -> false; // None is made.
            };
            return removed ? new Removal.Accepted() : new Removal.NotThere();
        } catch (RuntimeException e) {
            return notThere(e) ? new Removal.NotThere() : new Removal.Failed(NovaAnswer.problem(e));
        }
    }

    private boolean removeServer(String id) {
        deleted.expect();
        Server server = servers().get(id);
        if (!Tags.owned(installation, server.getMetadata()) || server.getStatus() == Server.Status.DELETED) {
            return false;
        }
        boolean removed = servers().delete(id);
        if (!options.network().floating().isEmpty()) {
            Tags.claim(server.getMetadata()).ifPresent(floating::removeOf);
        }
        return removed;
    }

    private boolean removeKeyPair(String id) {
        return label(id).isPresent() && keyPairs().filter(it -> it.delete(id)).isPresent();
    }

    private boolean removeGroup(String id) {
        return NovaShelf.IDENTITY.matcher(id).matches()
                && groups().filter(it -> label(it.get(id).getName()).isPresent() && it.delete(id))
                        .isPresent();
    }

    @Override
    public String console(String instance) {
        JsonObject lines = new JsonObject();
        lines.addProperty("length", 40);
        JsonObject call = new JsonObject();
        call.add("os-getConsoleOutput", lines);
        try {
            return ID.matcher(instance).matches()
                    ? session.post("compute", "/servers/" + instance + "/action", call)
                            .flatMap(it -> Json.text(it, "output"))
                            .orElse("")
                    : "";
        } catch (RuntimeException e) {
            return ""; // Some drivers have none, some policies tell nobody.
        }
    }

    @Override
    public List<Check> check(List<Pool> pools) {
        return new NovaChecks(session, shelf, this::nova, options).check(pools);
    }

    @Override
    public List<Offer> offers() {
        try {
            return NovaChecks.offers(shelf.flavors());
        } catch (RuntimeException e) {
            return List.of();
        }
    }

    @Override
    public synchronized void close() {
        session.close();
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
