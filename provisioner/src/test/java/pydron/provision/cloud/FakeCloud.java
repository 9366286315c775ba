package pydron.provision.cloud;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import pydron.provision.model.ClaimId;
import pydron.provision.model.InstanceId;
import pydron.provision.model.Pool;
import pydron.provision.model.Problem;
import pydron.provision.model.Thing;

/// A cloud in memory, with the faults of real ones. Time passes only when its clock says so.
public final class FakeCloud implements Cloud {
    /// Where its time comes from.
    public interface Clock {
        Instant now();

        /// Calls take time.
        void pass(Duration time);
    }

    /// What goes wrong, each as a probability of a call; nothing unless set.
    public static final class Faults {
        public double throttled;
        public double noCapacity;
        public double quota;
        public double refused;
        public double unauthorized;
        public double lostRequest;
        public double lostReply;
        public double late;
        public double hung;
        /// Does not list.
        public double silent;
        /// Of something that is new: one list shows it, the next one does not.
        public double flicker;
        public Duration visibleAfter = Duration.ZERO;
        public Duration call = Duration.ZERO;
    }

    /// One instance as it really is.
    public static final class Instance {
        public final InstanceId id;
        public final LaunchRequest request;
        public final Instant created;
        /// Its guest never comes up.
        public final boolean hung;

        final String installation;
        final Instant visible;
        Instant endVisible = Instant.MAX;
        public Instant ended = Instant.MAX;

        Instance(
                InstanceId id,
                String installation,
                LaunchRequest request,
                Instant created,
                Instant visible,
                boolean hung) {
            this.id = id;
            this.installation = installation;
            this.request = request;
            this.created = created;
            this.visible = visible;
            this.hung = hung;
        }

        public boolean alive(Instant now) {
            return !created.isAfter(now) && now.isBefore(ended);
        }

        public Pool pool() {
            return request.pool();
        }
    }

    /// What several installations share.
    public static final class Account {
        final List<Instance> instances = new ArrayList<>();
        final Map<ClaimId, Instance> tokens = new LinkedHashMap<>();
        public int quota = Integer.MAX_VALUE;
        public boolean valid = true;

        public List<Instance> instances() {
            return instances;
        }
    }

    private final String name;
    private final String installation;
    private final boolean tokens;
    private final Account account;
    private final Clock clock;
    private final RandomGenerator random;
    public final Faults faults = new Faults();

    public FakeCloud(
            String name, String installation, boolean tokens, Account account, Clock clock, RandomGenerator random) {
        this.name = name;
        this.installation = installation;
        this.tokens = tokens;
        this.account = account;
        this.clock = clock;
        this.random = random;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean honoursTokens() {
        return tokens;
    }

    @Override
    public Launch start(LaunchRequest request) {
        call();
        Optional<Problem> problem = problem(request);
        if (problem.isPresent()) {
            return new Launch.Failed(problem.get());
        }
        Instance known = tokens ? account.tokens.get(request.claim()) : null;
        if (known == null) {
            boolean late = chance(faults.late);
            Instant created = late ? clock.now().plus(upTo(Duration.ofSeconds(60))) : clock.now();
            known = new Instance(
                    new InstanceId("i-" + account.instances.size()),
                    installation,
                    request,
                    created,
                    created.plus(upTo(faults.visibleAfter)),
                    chance(faults.hung));
            account.instances.add(known);
            account.tokens.put(request.claim(), known);
            if (late) {
                return new Launch.Failed(new Problem.Unknown("the connection was closed"));
            }
        }
        if (chance(faults.lostReply)) {
            clock.pass(Duration.ofSeconds(20));
            return new Launch.Failed(new Problem.Unknown("no reply within 20 s"));
        }
        return new Launch.Started(known.id);
    }

    private Optional<Problem> problem(LaunchRequest request) {
        if (!account.valid || chance(faults.unauthorized)) {
            return Optional.of(new Problem.Unauthorized("the credentials are not valid"));
        } else if (chance(faults.throttled)) {
            return Optional.of(new Problem.Throttled(Duration.ofSeconds(random.nextInt(5, 30)), "rate exceeded"));
        } else if (request.pool().machine().type().equals("no-such-type") || chance(faults.refused)) {
            return Optional.of(new Problem.Refused(
                    "there is no type '" + request.pool().machine().type() + "'"));
        } else if (chance(faults.noCapacity)) {
            return Optional.of(new Problem.NoCapacity("none left in this zone"));
        } else if (chance(faults.quota) || alive() >= account.quota && !account.tokens.containsKey(request.claim())) {
            return Optional.of(new Problem.QuotaExceeded("instances", "limit " + account.quota));
        } else if (chance(faults.lostRequest)) {
            clock.pass(Duration.ofSeconds(20));
            return Optional.of(new Problem.Unknown("no reply within 20 s"));
        }
        return Optional.empty();
    }

    private long alive() {
        return account.instances.stream()
                .filter(it -> clock.now().isBefore(it.ended))
                .count();
    }

    @Override
    public Listing list() {
        call();
        if (!account.valid || chance(faults.unauthorized)) {
            return new Listing.Failed(new Problem.Unauthorized("the credentials are not valid"));
        } else if (chance(faults.silent)) {
            return new Listing.Failed(new Problem.Unknown("no reply"));
        } else if (chance(faults.throttled)) {
            return new Listing.Failed(new Problem.Throttled(Duration.ofSeconds(5), "rate exceeded"));
        }
        Instant now = clock.now();
        List<Thing> things = new ArrayList<>();
        for (Instance instance : account.instances) {
            boolean shown = instance.installation.equals(installation)
                    && !now.isBefore(instance.visible)
                    && now.isBefore(
                            instance.endVisible.equals(Instant.MAX)
                                    ? Instant.MAX
                                    : instance.endVisible.plus(Duration.ofMinutes(10)));
            boolean young = now.isBefore(instance.visible.plus(Duration.ofMinutes(5)));
            if (shown && !(young && chance(faults.flicker))) {
                things.add(thing(instance, now));
            }
        }
        return new Listing.Seen(things);
    }

    private static Thing thing(Instance instance, Instant now) {
        return new Thing(
                Thing.Kind.INSTANCE,
                instance.id.value(),
                Optional.of(instance.request.claim()),
                now.isBefore(instance.endVisible) ? Thing.Life.ALIVE : Thing.Life.ENDED,
                new Thing.Footprint(
                        instance.pool().size().cores(), instance.pool().perHour()),
                List.of());
    }

    @Override
    public Removal remove(Thing.Kind kind, String id) {
        call();
        if (!account.valid || chance(faults.unauthorized)) {
            return new Removal.Failed(new Problem.Unauthorized("the credentials are not valid"));
        } else if (chance(faults.throttled)) {
            return new Removal.Failed(new Problem.Throttled(Duration.ofSeconds(5), "rate exceeded"));
        } else if (chance(faults.lostRequest)) {
            return new Removal.Failed(new Problem.Unknown("no reply"));
        }
        Instant now = clock.now();
        for (Instance instance : account.instances) {
            boolean it = instance.id.value().equals(id)
                    && instance.installation.equals(installation)
                    && !now.isBefore(instance.visible);
            if (it) {
                if (instance.alive(now)) {
                    end(instance, now);
                }
                return chance(faults.lostReply)
                        ? new Removal.Failed(new Problem.Unknown("no reply"))
                        : new Removal.Accepted();
            }
        }
        return new Removal.NotThere();
    }

    /// Ends it, whoever wants it.
    public void end(Instance instance, Instant when) {
        instance.ended = when;
        instance.endVisible = when.plus(upTo(faults.visibleAfter));
    }

    private void call() {
        clock.pass(upTo(faults.call));
    }

    private Duration upTo(Duration most) {
        return most.isZero() ? most : Duration.ofMillis(random.nextLong(most.toMillis() + 1));
    }

    private boolean chance(double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }
}
