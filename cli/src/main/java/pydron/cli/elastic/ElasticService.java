package pydron.cli.elastic;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;
import pydron.cli.local.Interruption;
import pydron.cli.python.Python;
import pydron.cli.session.Session;
import pydron.cli.session.StaleSessions;
import pydron.core.Demand;
import pydron.provision.apply.Round;
import pydron.provision.claims.ClaimsUnavailable;
import pydron.provision.claims.SqliteClaims;
import pydron.provision.clouds.Installation;
import pydron.provision.join.JoinKeys;
import pydron.provision.join.JoinReport;
import pydron.provision.join.Staging;
import pydron.provision.join.Tokens;
import pydron.provision.join.UserData;
import pydron.provision.join.Ways;
import pydron.provision.model.Address;
import pydron.provision.model.Claim;
import pydron.provision.model.ClaimId;

/// The service: scheduler, gateway of workers, and rounds of the provisioner, as long as they are needed.
///
/// It may be killed at any moment. What it has to know again is in the record of claims, in the clouds' lists, and in
/// what workers say when they come back; the next service finds it there.
final class ElasticService {
    private static final Logger LOG = LoggerFactory.getLogger(ElasticService.class);
    private static final Duration BUSY = Duration.ofSeconds(1);
    /// So much later, what is settled surely is.
    private static final Duration SETTLED = Duration.ofMillis(50);

    private static final int LONGEST_SOCKET_PATH = 107;
    private static final int SSH_NAME = 30;

    private static final Duration QUIET = Duration.ofSeconds(5);
    private static final Set<String> SERVING = Set.of("requested", "booting", "working");
    private static final Duration ANSWER = Duration.ofSeconds(10);

    /// @param on the clouds that may start instances from the beginning
    /// @param linger so long without an instance and without a program, and it ends
    /// @param closing it is only to end what is there
    /// @param python that runs tasks on this machine
    record Options(List<String> on, Duration linger, boolean closing, Python python) {
        public Options {
            on = List.copyOf(on);
        }
    }

    private final Places places;
    private final Options options;
    private final Instant since = Instant.now();
    private final Set<String> on = ConcurrentHashMap.newKeySet();
    /// What programs asked for that are connected.
    private final Map<Control.Connection, Set<String>> borrowed = new ConcurrentHashMap<>();
    private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private volatile boolean over;
    private volatile Status status;
    private Map<ClaimId, JoinReport> reports = Map.of();
    private final DemandWatch demands = new DemandWatch();

    private ElasticService(Places places, Options options) {
        this.places = places;
        this.options = options;
        on.addAll(options.on());
    }

    /// Returns the exit code.
    ///
    /// @throws IOException a file that it needs cannot be used
    static int run(Places places, Map<String, String> environment, Options options) throws IOException {
        return new ElasticService(places, options).run(environment);
    }

    private int run(Map<String, String> environment) throws IOException {
        SettingsFile file = new SettingsFile(places.settings());
        Duration joinWithin = file.read().joinWithin();
        Installation installation = Installation.open(places.state());
        JoinKeys keys = JoinKeys.open(places.state().resolve("keys"));
        StaleSessions.remove(environment);
        try (Session session = Session.create(environment);
                SharedClaims claims = new SharedClaims(open(places.claims()))) {
            Path port = places.state().resolve("gateway.port");
            Rounds[] rounds = new Rounds[1];
            Tokens tokens = new Tokens(keys, places.state().resolve("joined"), claim -> admits(rounds[0], claim));
            Map<String, String> seeded = Map.of("PYTHONHASHSEED", Long.toString(hashSeed(installation)));
            try (Gateway gateway = Gateway.open(session, keys, tokens);
                    Remote remote = new Remote(
                            keys, gateway.port(), options.python(), seeded, joinWithin, ways(rounds), forSsh(session));
                    Doors doors = new Doors(gateway::open)) {
                UserData machines = new UserData(keys);
                LocalBoot boot = new LocalBoot(
                        places.state().resolve("instances"), keys, port, options.python(), hashSeed(installation));
                rounds[0] = new Rounds(
                        new Rounds.Parts(
                                installation,
                                claims,
                                new FleetWorkers(gateway.instances(), remote::reports),
                                (claim, lease) -> (rounds[0].local(claim) ? boot : machines).userData(claim, lease),
                                cloud -> cloud.direct()
                                        .map(doors::obstacle)
                                        .filter(it -> !it.isEmpty())
                                        .orElseGet(remote::obstacle)),
                        file);
                write(port, Integer.toString(gateway.port()));
                if (options.closing()) {
                    rounds[0].end(false);
                }
                doors.keep(rounds[0].doors());
                Around around = new Around(gateway, claims, boot, remote, doors);
                look(rounds[0], around, rounds[0].round(pydron.provision.plan.Demand.NONE, Set.of()));
                Path control = session.folder().resolve("control");
                Running.Card card = new Running.Card(
                        ProcessHandle.current().pid(),
                        control.toString(),
                        session.socket().toString(),
                        hashSeed(installation));
                try (Control.Server _ = new Control.Server(control, new Requests(rounds[0]))) {
                    Interruption.listen(it -> tasks.add(() -> over = true));
                    write(places.service(), Control.JSON.toJson(card));
                    LOG.info("event=started pid={} installation={}", card.pid(), installation.id());
                    loop(rounds[0], around);
                } finally {
                    Files.deleteIfExists(places.service());
                }
            }
        }
        LOG.info("event=ended");
        return 0;
    }

    /// The same for all that ever run tasks for this installation: see [pydron.cli.python.HashSeed].
    private static long hashSeed(Installation installation) {
        CRC32C sum = new CRC32C();
        sum.update(installation.id().getBytes(StandardCharsets.US_ASCII));
        return Math.max(1, sum.getValue());
    }

    /// In the session's folder, which goes even when this process is killed, if that leaves room for the names that ssh
    /// gives its sockets.
    private static Path forSsh(Session session) {
        Path near = session.folder().resolve("ssh");
        return near.toString().getBytes(StandardCharsets.UTF_8).length + SSH_NAME <= LONGEST_SOCKET_PATH
                ? near
                : Path.of(
                        System.getProperty("java.io.tmpdir"),
                        "pydron-ssh-" + ProcessHandle.current().pid());
    }

    /// Of the rounds that are made after those who need to know.
    private static Ways ways(Rounds[] rounds) {
        return new Ways() {
            @Override
            public Optional<Staging> staging(ClaimId claim) {
                return rounds[0].staging(claim);
            }

            @Override
            public Optional<Address> direct(ClaimId claim) {
                return rounds[0].direct(claim);
            }
        };
    }

    private static boolean admits(Rounds rounds, ClaimId claim) {
        return rounds != null && rounds.admits(claim);
    }

    private static SqliteClaims open(Path file) {
        try {
            return new SqliteClaims(file);
        } catch (ClaimsUnavailable e) {
            throw new CommandFailure(ExitCode.FAILED, e.getMessage(), e);
        }
    }

    private static void write(Path file, String text) throws IOException {
        Path draft = Files.createTempFile(file.getParent(), "." + file.getFileName(), ".new");
        Files.writeString(draft, text);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private record Around(Gateway gateway, SharedClaims claims, LocalBoot boot, Remote remote, Doors doors) {}

    private void loop(Rounds rounds, Around around) {
        Gateway gateway = around.gateway();
        long neededNanos = System.nanoTime();
        Durations durations = new Durations(places.durations());
        while (!over) {
            Demand work = demand(gateway);
            durations.note(work.functions());
            Set<String> clouds = allowed();
            if (clouds.stream().anyMatch(rounds::elsewhere)) {
                around.remote().expect();
            }
            Round round = rounds.round(demands.look(work, rounds.now()), clouds);
            around.doors().keep(rounds.doors());
            reach(rounds, around);
            look(rounds, around, round);
            around.boot().clean(rounds.open());
            boolean instances =
                    !round.inventory().holdings().isEmpty() || !rounds.open().isEmpty();
            boolean asked = gateway.drivers() > 0 || !borrowed.isEmpty();
            if (instances || asked && !rounds.closing()) {
                neededNanos = System.nanoTime();
            } else if (rounds.closing()
                    || System.nanoTime() - neededNanos > options.linger().toNanos()) {
                return;
            }
            Duration rest = instances || asked ? BUSY : QUIET;
            await(demands.settlesIn(rounds.settings().rules().settle(), rounds.now())
                    .map(it -> it.plus(SETTLED))
                    .filter(it -> it.compareTo(rest) < 0)
                    .orElse(rest));
        }
    }

    private void reach(Rounds rounds, Around around) {
        List<Claim> open = around.claims().open();
        Set<ClaimId> elsewhere = new TreeSet<>();
        open.stream().filter(it -> !rounds.local(it)).forEach(it -> elsewhere.add(it.id()));
        around.remote().reach(open, elsewhere, rounds.addresses());
        reports = around.remote().reports();
    }

    /// Until the next round, or something is asked for.
    private void await(Duration time) {
        try {
            for (Runnable task = tasks.poll(time.toMillis(), TimeUnit.MILLISECONDS);
                    task != null;
                    task = tasks.poll()) {
                task.run();
            }
        } catch (InterruptedException e) {
            over = true;
        }
    }

    private static Demand demand(Gateway gateway) {
        try {
            return gateway.demand().get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Demand.NONE;
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the scheduler does not say what there is to do", e);
        }
    }

    private Set<String> allowed() {
        Set<String> all = new TreeSet<>(on);
        borrowed.values().forEach(all::addAll);
        return all;
    }

    /// Makes what others see of the round.
    private void look(Rounds rounds, Around around, Round round) {
        Gateway gateway = around.gateway();
        StatusWriter.Process process = new StatusWriter.Process(
                since, List.copyOf(allowed()), gateway.drivers(), gateway.statistics(), rounds.problem());
        status = StatusWriter.status(
                process,
                rounds.settings(),
                around.claims(),
                round,
                new StatusWriter.Fleet(gateway.instances().view(), reports),
                around.doors().troubles(rounds.settings().clouds()));
        // Where some instances work, the others' waiting is no news: the progress line has it.
        boolean served = status.instances().stream().anyMatch(it -> SERVING.contains(it.state()));
        String notice = served ? "" : notice(round);
        gateway.describe(Words.line(status), notice);
    }

    /// What the user has to know who waits. A start that was refused says more than the limits that the plan was made
    /// with.
    private static String notice(Round round) {
        return round.troubles().stream()
                .filter(it -> it.what().equals("start"))
                .findFirst()
                .map(it -> "tasks wait: cloud '" + it.cloud() + "' starts no instance: "
                        + it.problem().text())
                .or(() -> round.plan().waiting().stream()
                        .filter(it -> Words.lasting(it.reason(), round.troubles()))
                        .findFirst()
                        .map(it -> "tasks wait: " + Words.of(it.reason(), round.troubles())))
                .orElse("");
    }

    /// What others ask for. Called on threads of their own.
    private final class Requests implements Control.Handler {
        private final Rounds rounds;

        Requests(Rounds rounds) {
            this.rounds = rounds;
        }

        @Override
        public JsonObject answer(JsonObject request, Control.Connection connection) {
            String what = request.has("do") ? request.get("do").getAsString() : "";
            switch (what) {
                case "status" -> {
                    return Control.JSON.toJsonTree(status).getAsJsonObject();
                }
                case "use" -> use(request, connection);
                case "requirements" -> {
                    return requirements(request);
                }
                case "down" -> {
                    rounds.end(request.has("now") && request.get("now").getAsBoolean());
                    wake();
                }
                case "resume" -> resume(request.get("pool").getAsString());
                case "reap" -> {
                    return reap(request.has("dry") && request.get("dry").getAsBoolean());
                }
                default -> throw new IllegalArgumentException("the service does not know '" + what + "'");
            }
            return new JsonObject();
        }

        private void use(JsonObject request, Control.Connection connection) {
            Set<String> names = new TreeSet<>();
            request.getAsJsonArray("clouds").forEach(it -> names.add(it.getAsString()));
            for (String name : names) {
                known(name);
            }
            if (rounds.closing()) {
                throw new IllegalArgumentException("the service is ending all instances; try again when it has ended");
            }
            if (request.has("stay") && request.get("stay").getAsBoolean()) {
                on.addAll(names);
            } else {
                borrowed.put(connection, names);
            }
            wake();
        }

        /// An empty object where there are none.
        private JsonObject requirements(JsonObject request) {
            rounds.refresh();
            Map<String, String> pip = new TreeMap<>();
            request.getAsJsonObject("pip")
                    .entrySet()
                    .forEach(it -> pip.put(it.getKey(), it.getValue().getAsString()));
            String named = request.has("file")
                    ? request.get("file").getAsString()
                    : rounds.settings().requirements();
            return (named.isEmpty()
                            ? Requirements.beside(Path.of(request.get("folder").getAsString()), pip)
                            : Requirements.of(places.settings().resolveSibling(named), pip))
                    .map(it -> Control.JSON.toJsonTree(it).getAsJsonObject())
                    .orElseGet(JsonObject::new);
        }

        private void known(String name) {
            rounds.refresh();
            var settings = rounds.settings();
            if (!rounds.problem().isEmpty() && !settings.clouds().containsKey(name)) {
                throw new IllegalArgumentException(rounds.problem());
            }
            CloudNames.check(settings, name);
        }

        private void resume(String pool) {
            if (rounds.settings().pools().stream().noneMatch(it -> it.name().equals(pool))) {
                throw new IllegalArgumentException("there is no pool '" + pool + "' in the settings");
            }
            rounds.resume(pool);
            wake();
        }

        /// On the thread that makes rounds: what is being started must not look superfluous.
        private JsonObject reap(boolean dry) {
            JsonObject[] answer = {Control.error("the service is ending")};
            CountDownLatch done = new CountDownLatch(1);
            tasks.add(() -> {
                try {
                    answer[0] = Control.JSON
                            .toJsonTree(Reaper.reap(rounds.clouds(), rounds.open(), dry))
                            .getAsJsonObject();
                } finally {
                    done.countDown();
                }
            });
            try {
                while (!done.await(1, TimeUnit.SECONDS) && !over) {
                    continue;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return answer[0];
        }

        private void wake() {
            tasks.add(() -> {});
        }

        @Override
        public void closed(Control.Connection connection) {
            borrowed.remove(connection);
        }
    }
}
