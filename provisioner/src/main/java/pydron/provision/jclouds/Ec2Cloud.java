package pydron.provision.jclouds;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import pydron.provision.aws.AwsAccount;
import pydron.provision.aws.AwsFailure;
import pydron.provision.aws.AwsImages;
import pydron.provision.aws.AwsNetworks;
import pydron.provision.aws.AwsOptions;
import pydron.provision.aws.AwsProblems;
import pydron.provision.aws.AwsSession;
import pydron.provision.aws.AwsTypes;
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

/// One region of an account of AWS. Instances are started and ended by jclouds; what it does not know (images,
/// types, prices, credentials) is asked of AWS's own library behind [AwsSession].
public final class Ec2Cloud implements Cloud, Account, AutoCloseable {
    /// Claims whose first call is kept in mind; an older one is found by its token.
    private static final int REMEMBERED = 1000;

    private final String name;
    private final String installation;
    private final InstantSource clock;
    private final AwsSession session;
    private final AwsImages images;
    private final AwsNetworks networks;
    private final AwsAccount account;
    private final LinkedHashMap<ClaimId, Instant> firstAsked = new LinkedHashMap<>();
    private Optional<Ec2Context> context = Optional.empty();

    public Ec2Cloud(String name, String installation, AwsSession session, InstantSource clock) {
        this.name = name;
        this.installation = Tags.installation(installation);
        this.session = session;
        this.clock = clock;
        AwsTypes types = new AwsTypes(session);
        this.images = new AwsImages(session, types);
        this.networks = new AwsNetworks(session);
        this.account = new AwsAccount(session, types, images, this::rehearse, clock);
    }

    /// Asks nobody yet, except where the region is not given.
    ///
    /// @param name as the settings call it
    /// @param installation 8 to 40 of a-z, 0-9 and -
    /// @param region empty: what the environment or the profile says
    /// @param profile of the user's AWS files; empty: the default chain
    /// @throws AwsFailure when no region is known
    public static Ec2Cloud open(String name, String installation, String region, String profile, AwsOptions options) {
        return new Ec2Cloud(name, installation, AwsSession.open(region, profile, options), InstantSource.system());
    }

    /// Made when it is first needed: jclouds wants credentials at once.
    private synchronized Ec2Context context() {
        if (context.isEmpty()) {
            context = Optional.of(new Ec2Context(session));
        }
        return context.get();
    }

    private synchronized void closeContext() throws IOException {
        if (context.isPresent()) {
            context.get().close();
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean honoursTokens() {
        return true;
    }

    @Override
    public Launch start(LaunchRequest request) {
        int bytes = request.userData().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > Ec2Launch.MOST_USER_DATA) {
            return new Launch.Failed(new Problem.Refused(
                    "user data of " + bytes + " bytes; EC2 takes " + Ec2Launch.MOST_USER_DATA + " at most"));
        }
        try {
            AwsImages.Choice image = images.forType(request.pool().machine().type());
            return run(image.id(), launch(request, image));
        } catch (AwsFailure failure) {
            return new Launch.Failed(failure.problem());
        } catch (RuntimeException e) {
            return AwsProblems.TOKEN_USED.equals(Ec2Problems.code(e))
                    ? alreadyThere(request)
                    : new Launch.Failed(Ec2Problems.of("RunInstances", e));
        }
    }

    /// When a claim was first asked for: a token stands for the very same words, tags included.
    private synchronized Instant asked(ClaimId claim) {
        if (firstAsked.size() > REMEMBERED) {
            firstAsked.remove(firstAsked.firstEntry().getKey());
        }
        return firstAsked.computeIfAbsent(claim, _ -> clock.instant());
    }

    private Ec2Launch launch(LaunchRequest request, AwsImages.Choice image) {
        String subnet = networks.subnetIn(request.pool().machine().zone()).orElse("");
        Instant asked = asked(request.claim());
        Map<String, String> tags = new LinkedHashMap<>(Tags.of(installation, request, asked));
        tags.put("Name", "pydron " + request.claim());
        return new Ec2Launch(request, image, session.options(), subnet).tagged(tags);
    }

    /// The very call that starts an instance, as a trial.
    private Optional<Problem> rehearse(Pool pool) {
        LaunchRequest request = new LaunchRequest(
                new ClaimId("trial-" + UUID.randomUUID()), pool, Duration.ofMinutes(1), "#!/bin/sh\n");
        try {
            AwsImages.Choice image = images.forType(pool.machine().type());
            // Emulators that know no trials have started it.
            Launch launch = run(image.id(), launch(request, image).asTrial());
            Removal removal = launch instanceof Launch.Started started
                    ? remove(Thing.Kind.INSTANCE, started.instance().value())
                    : new Removal.NotThere();
            return Optional.of(new Problem.Unknown(
                    "RunInstances: the trial was not taken as one; what it started was ended: " + removal));
        } catch (AwsFailure failure) {
            return Optional.of(failure.problem());
        } catch (RuntimeException e) {
            return Ec2Problems.code(e).equals("DryRunOperation")
                    ? Optional.empty()
                    : Optional.of(Ec2Problems.of("RunInstances", e));
        }
    }

    private Launch run(String image, Ec2Launch launch) {
        List<Ec2Pages.Row> made = context().pages().run(image, launch).rows();
        String id = made.isEmpty() ? "" : made.getFirst().get("instanceId");
        return id.isEmpty()
                ? new Launch.Failed(new Problem.Unknown("RunInstances: the answer names no instance"))
                : new Launch.Started(new InstanceId(id));
    }

    /// An earlier call with the same claim came through, and said something else: another end of its lease, for
    /// one.
    private Launch alreadyThere(LaunchRequest request) {
        Problem unseen = new Problem.Unknown(
                "claim " + request.claim() + " was started before, and its instance is not in the list yet");
        try {
            return rows(
                            Kinds.of(Thing.Kind.INSTANCE),
                            query().where("client-token", request.claim().value()))
                    .stream()
                    .filter(it -> Tags.claim(it.tags()).equals(Optional.of(request.claim())))
                    .findFirst()
                    .<Launch>map(it -> new Launch.Started(new InstanceId(it.get("instanceId"))))
                    .orElse(new Launch.Failed(unseen));
        } catch (RuntimeException e) {
            return new Launch.Failed(unseen);
        }
    }

    @Override
    public Listing list() {
        List<Thing> things = new ArrayList<>();
        for (Kinds kind : Kinds.ALL) {
            try {
                for (Ec2Pages.Row row : rows(kind, query())) {
                    things.add(thing(kind, row));
                }
            } catch (RuntimeException e) {
                return new Listing.Failed(Ec2Problems.of(kind.describe(), e));
            }
        }
        return new Listing.Seen(things);
    }

    private Ec2Pages.Query query() {
        return new Ec2Pages.Query().where("tag:" + Tags.INSTALLATION, installation);
    }

    /// All pages, of ours only.
    private List<Ec2Pages.Row> rows(Kinds kind, Ec2Pages.Query query) {
        if (kind.paged()) {
            query.pagesOf(1000);
        }
        List<Ec2Pages.Row> rows = new ArrayList<>();
        Ec2Pages.Page page = context().pages().describe(kind.describe(), query);
        rows.addAll(page.rows());
        while (page.next().isPresent()) {
            page = context()
                    .pages()
                    .describe(kind.describe(), query.after(page.next().get()));
            rows.addAll(page.rows());
        }
        rows.removeIf(it -> !Tags.owned(installation, it.tags()));
        return rows;
    }

    private static Thing thing(Kinds kind, Ec2Pages.Row row) {
        boolean instance = kind.kind() == Thing.Kind.INSTANCE;
        List<String> addresses = !instance
                ? List.of()
                : Stream.of("ipAddress", "privateIpAddress")
                        .map(row::get)
                        .filter(it -> !it.isEmpty())
                        .toList();
        return new Thing(
                kind.kind(),
                row.get(kind.id()),
                Tags.claim(row.tags()),
                kind.over(row) ? Thing.Life.ENDED : Thing.Life.ALIVE,
                instance ? Tags.footprint(row.tags()) : Thing.Footprint.NONE,
                addresses);
    }

    @Override
    public Removal remove(Thing.Kind what, String id) {
        if (what == Thing.Kind.ADDRESS) {
            return new Removal.NotThere(); // None is made.
        }
        Kinds kind = Kinds.of(what);
        String action = kind.describe();
        try {
            // What is not ours is not touched, whatever its name.
            Optional<Ec2Pages.Row> found = rows(kind, query().where(kind.filter(), id)).stream()
                    .filter(it -> it.get(kind.id()).equals(id))
                    .findFirst();
            if (found.isEmpty() || kind.over(found.get())) {
                return new Removal.NotThere();
            }
            action = kind.remove();
            kind.remove(context().api(), session.region(), id);
            return new Removal.Accepted();
        } catch (RuntimeException e) {
            String code = Ec2Problems.code(e);
            return code.endsWith(".NotFound") || code.endsWith(".Malformed")
                    ? new Removal.NotThere()
                    : new Removal.Failed(Ec2Problems.of(action, e));
        }
    }

    @Override
    public String console(String instance) {
        return session.console(instance);
    }

    @Override
    public List<Check> check(List<Pool> pools) {
        return account.check(pools);
    }

    @Override
    public List<Offer> offers() {
        return account.offers();
    }

    @Override
    public void close() {
        try {
            closeContext();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            session.close();
        }
    }
}
