package pydron.provision.ssh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import pydron.provision.cloud.Account;
import pydron.provision.cloud.Check;
import pydron.provision.cloud.Cloud;
import pydron.provision.cloud.Launch;
import pydron.provision.cloud.LaunchRequest;
import pydron.provision.cloud.Listing;
import pydron.provision.cloud.Offer;
import pydron.provision.cloud.Removal;
import pydron.provision.join.Destination;
import pydron.provision.join.Ssh;
import pydron.provision.model.ClaimId;
import pydron.provision.model.InstanceId;
import pydron.provision.model.Money;
import pydron.provision.model.Pool;
import pydron.provision.model.Problem;
import pydron.provision.model.Resources;
import pydron.provision.model.Thing;

/// Hosts that are there anyway, reached by the user's own `ssh`: to start an instance is to take a free host, to end
/// it is to end everything of that claim there. The hosts themselves remember who has them, so nothing is kept here,
/// and several installations can share them.
public final class SshCloud implements Cloud, Account {
    /// The only type there is.
    public static final String TYPE = "host";

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LARGEST_SKEW = Duration.ofSeconds(60);

    private final String name;
    private final String installation;
    private final List<Destination> hosts;

    private SshCloud(String name, String installation, List<Destination> hosts) {
        this.name = name;
        this.installation = installation;
        this.hosts = List.copyOf(hosts);
    }

    /// @param hosts `[user@]host[:port]`, or names of the user's ssh configuration; in order of preference
    /// @param identity a private key, where `ssh` does not find it by itself
    /// @throws IllegalArgumentException naming what is not a host
    public static SshCloud open(String name, String installation, List<String> hosts, Optional<Path> identity) {
        return open(name, installation, hosts, identity, Optional.empty());
    }

    /// @param config read instead of the user's ssh configuration
    public static SshCloud open(
            String name, String installation, List<String> hosts, Optional<Path> identity, Optional<Path> config) {
        List<Destination> destinations = hosts.stream()
                .map(it -> Destination.hosted(it).with(identity, config))
                .toList();
        return new SshCloud(name, installation, destinations);
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
        String type = request.pool().machine().type();
        if (!type.equals(TYPE)) {
            return new Launch.Failed(new Problem.Refused(
                    "hosts reached by ssh have no type '" + type + "'; the only one is '" + TYPE + "'"));
        }
        String claim = request.claim().value();
        List<HostState> states = look();
        for (HostState state : states) {
            if (state instanceof HostState.Known known && known.serves(installation, claim)) {
                return new Launch.Started(id(known.host(), claim));
            }
        }
        int busy = 0;
        for (HostState state : states) {
            if (!(state instanceof HostState.Known known)) {
                continue;
            }
            if (known.taken()) {
                busy++;
                continue;
            }
            switch (take(known.host(), request)) {
                case HostState.Known now
                when now.serves(installation, claim) -> {
                    return new Launch.Started(id(now.host(), claim));
                }
                case HostState.Known _ -> busy++; // somebody else was quicker
                case HostState.Silent silent -> {
                    // It may have been taken: only the list will tell.
                    return new Launch.Failed(new Problem.Unknown(
                            silent.host() + ": " + silent.problem().detail()));
                }
            }
        }
        return new Launch.Failed(
                busy > 0
                        ? new Problem.QuotaExceeded("hosts", busy + " of " + hosts.size() + " hosts are in use")
                        : noneAnswers(states));
    }

    private static Problem noneAnswers(List<HostState> states) {
        List<String> texts = new ArrayList<>();
        boolean refused = false;
        for (HostState state : states) {
            if (state instanceof HostState.Silent(Destination host, Problem problem, boolean _)) {
                texts.add(host + ": " + problem.detail());
                refused |= problem instanceof Problem.Unauthorized;
            }
        }
        String text = texts.isEmpty() ? "no hosts are named in the settings" : String.join("; ", texts);
        return refused ? new Problem.Unauthorized(text) : new Problem.NoCapacity("no host answers: " + text);
    }

    private HostState take(Destination host, LaunchRequest request) {
        String claim = request.claim().value();
        String tag = String.join(
                "\n",
                "installation=" + installation,
                "claim=" + claim,
                "size=" + request.pool().size().cores(),
                "per_hour=" + request.pool().perHour(),
                "until=" + Instant.now().plus(request.lease()).getEpochSecond());
        try {
            Path userData = Files.createTempFile("pydron-user-data", ".sh");
            try {
                Files.writeString(userData, request.userData());
                return ask(host, Map.of("action", "take", "claim", claim, "tag", tag), Optional.of(userData));
            } finally {
                Files.deleteIfExists(userData);
            }
        } catch (IOException e) {
            return new HostState.Silent(
                    host, new Problem.Refused("cannot write the user data: " + e.getMessage()), true);
        }
    }

    private InstanceId id(Destination host, String claim) {
        return new InstanceId(host + "/" + claim);
    }

    @Override
    public Listing list() {
        List<HostState> states = look();
        List<Thing> things = new ArrayList<>();
        boolean any = false;
        for (HostState state : states) {
            if (state instanceof HostState.Known known) {
                any = true;
                if (known.ours(installation) && known.facts().containsKey("claim")) {
                    things.add(thing(known));
                }
            }
        }
        if (!any && !hosts.isEmpty()) {
            Problem problem = noneAnswers(states);
            return new Listing.Failed(
                    problem instanceof Problem.NoCapacity it ? new Problem.Unknown(it.detail()) : problem);
        }
        return new Listing.Seen(things);
    }

    private Thing thing(HostState.Known known) {
        String claim = known.facts().get("claim");
        Thing.Footprint footprint = new Thing.Footprint(
                (int) known.number("size"), Money.of(known.facts().getOrDefault("per_hour", "0")));
        return new Thing(
                Thing.Kind.INSTANCE,
                id(known.host(), claim).value(),
                Optional.of(new ClaimId(claim)),
                Thing.Life.ALIVE,
                footprint,
                List.of(known.host().address()));
    }

    @Override
    public Removal remove(Thing.Kind kind, String id) {
        int slash = id.indexOf('/');
        Optional<Destination> host = hosts.stream()
                .filter(it -> slash > 0 && it.toString().equals(id.substring(0, slash)))
                .findFirst();
        if (kind != Thing.Kind.INSTANCE || host.isEmpty()) {
            return switch (list()) {
                case Listing.Seen _ -> new Removal.NotThere();
                case Listing.Failed failed -> new Removal.Failed(failed.problem());
            };
        }
        Map<String, String> what =
                Map.of("action", "free", "claim", id.substring(slash + 1), "installation", installation);
        return switch (ask(host.get(), what, Optional.empty())) {
            case HostState.Known known ->
                known.facts().containsKey("freed") ? new Removal.Accepted() : new Removal.NotThere();
            case HostState.Silent silent -> new Removal.Failed(silent.problem());
        };
    }

    /// Of all hosts at a time: one that does not answer takes as long as all of them.
    private List<HostState> look() {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<HostState>> answers = new ArrayList<>();
            for (Destination host : hosts) {
                answers.add(threads.submit(() -> ask(host, Map.of("action", "look"), Optional.empty())));
            }
            List<HostState> states = new ArrayList<>();
            for (Future<HostState> answer : answers) {
                states.add(answer.get());
            }
            return states;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private static HostState ask(Destination host, Map<String, String> variables, Optional<Path> input) {
        try {
            Ssh.Result result = Ssh.once(host, variables, "/pydron/provision/ssh/host.sh", input, PATIENCE);
            return HostState.read(host, result.out()).<HostState>map(it -> it).orElseGet(() -> {
                String text = (result.err() + " " + result.out()).strip();
                return new HostState.Silent(host, new Problem.Unknown("not a Unix host as expected: " + text), false);
            });
        } catch (Ssh.Broken e) {
            boolean refused = e.refused();
            Problem problem = refused ? new Problem.Unauthorized(e.getMessage()) : new Problem.Unknown(e.getMessage());
            return new HostState.Silent(host, problem, refused);
        } catch (IOException e) {
            return new HostState.Silent(host, new Problem.Unknown(e.getMessage()), false);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new HostState.Silent(host, new Problem.Unknown("interrupted"), false);
        }
    }

    @Override
    public List<Check> check(List<Pool> pools) {
        List<Check> checks = new ArrayList<>();
        for (HostState state : look()) {
            checks.add(
                    switch (state) {
                        case HostState.Silent silent ->
                            new Check(silent.host().toString(), Check.Outcome.BAD, advice(silent));
                        case HostState.Known known -> check(known);
                    });
        }
        if (checks.isEmpty()) {
            checks.add(new Check("hosts", Check.Outcome.BAD, "none are named; add some to 'hosts' in the settings"));
        }
        return checks;
    }

    private static String advice(HostState.Silent silent) {
        String text = silent.problem().detail();
        if (text.contains("host key") || text.contains("Host key")) {
            return text + ": connect once by hand ('ssh " + silent.host() + "'), and see whether it is the right host";
        }
        return silent.problem() instanceof Problem.Unauthorized
                ? text + ": 'ssh " + silent.host() + "' must work without a password (ssh-copy-id, ssh-agent)"
                : text + ": does 'ssh " + silent.host() + "' work?";
    }

    private Check check(HostState.Known known) {
        String what = known.host().toString();
        String found = known.number("cores") + " cores, " + (known.number("memory") >> 30) + " GiB, "
                + (known.pythons().isEmpty() ? "no Python" : "Python " + String.join(", ", known.pythons()));
        if (known.pythons().isEmpty()) {
            return new Check(what, Check.Outcome.BAD, found + ": install Python 3.9 or newer there");
        }
        Duration skew = Duration.between(Instant.ofEpochSecond(known.number("clock")), Instant.now());
        if (skew.abs().compareTo(LARGEST_SKEW) > 0) {
            return new Check(
                    what, Check.Outcome.WARNING, found + "; its clock is wrong by " + skew.toSeconds() + " s: set it");
        }
        boolean others = known.taken() && !known.ours(installation);
        return new Check(
                what,
                others ? Check.Outcome.WARNING : Check.Outcome.GOOD,
                others ? found + "; another installation of Pydron has it at the moment" : found);
    }

    /// The smallest of the hosts: a claim may get any of them.
    @Override
    public List<Offer> offers() {
        Map<String, Long> least = new LinkedHashMap<>();
        for (HostState state : look()) {
            if (state instanceof HostState.Known known) {
                least.merge("cores", known.number("cores"), Math::min);
                least.merge("memory", known.number("memory"), Math::min);
            }
        }
        if (least.isEmpty()) {
            return List.of();
        }
        Resources size = new Resources(Math.toIntExact(least.get("cores")), least.get("memory"), 0);
        return List.of(new Offer(
                TYPE,
                size,
                Optional.of(new pydron.provision.model.Price(Money.ZERO, false)),
                LocalDate.now(java.time.ZoneOffset.UTC)));
    }
}
