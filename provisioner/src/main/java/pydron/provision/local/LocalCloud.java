package pydron.provision.local;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
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
import pydron.provision.model.Money;
import pydron.provision.model.Pool;
import pydron.provision.model.Price;
import pydron.provision.model.Problem;
import pydron.provision.model.Resources;
import pydron.provision.model.Thing;

/// Instances that are groups of processes on this machine: for trying things out without an account, and for
/// tests of everything but a cloud's own API.
///
/// An instance is a shell that runs its user data and then stays, as a machine does, with everything that
/// was started under it. It is known by the tag in the environment of its processes and by nothing else, so
/// a service that is killed at any moment leaves nothing that the next one would not find. It is there as
/// long as one of its processes is.
public final class LocalCloud implements Cloud, Account {
    /// The only type there is.
    public static final String TYPE = "process";
    /// Where user data finds its machine: `kill $PYDRON_MACHINE` is what `poweroff` is elsewhere.
    public static final String MACHINE = "PYDRON_MACHINE";

    /// What the names of logs end in.
    public static final String LOG = ".log";

    /// How long processes may take to end by themselves. A worker removes its files meanwhile.
    private static final Duration GRACE = Duration.ofSeconds(8);

    /// Told to end, it tells its whole group, and waits for nobody: what does not obey is ended by `remove`.
    /// It wakes up now and then, because a signal that comes just before `wait` is noticed after it.
    private static final String SHELL = """
            PYDRON_MACHINE=$$; export PYDRON_MACHINE
            trap '' HUP INT
            trap 'trap "" TERM; kill -TERM 0; exit 0' TERM
            sh -c "$1" &
            while :; do sleep 1 & wait $!; done
            """;

    private final String name;
    private final String installation;
    private final int most;
    private final Path logs;
    private final ProcessTable table;
    /// What this process has started: for an instant, while it becomes another program, the table shows a process
    /// without its environment.
    private final Map<ClaimId, ProcessTable.Entry> shells = new ConcurrentHashMap<>();

    /// @param most instances at a time
    /// @param logs the folder for what instances print, made when it is needed
    public LocalCloud(String name, String installation, int most, Path logs) {
        this(name, installation, most, logs, Path.of("/proc"));
    }

    LocalCloud(String name, String installation, int most, Path logs, Path processes) {
        this.name = name;
        this.installation = installation;
        this.most = most;
        this.logs = logs;
        this.table = new ProcessTable(processes);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean honoursTokens() {
        return true;
    }

    /// Where the output of a claim's instance goes.
    public Path log(ClaimId claim) {
        return logs.resolve(claim.value().replaceAll("[^A-Za-z0-9._-]", "_") + LOG);
    }

    @Override
    public Launch start(LaunchRequest request) {
        Map<ClaimId, List<ProcessTable.Entry>> running;
        try {
            running = running();
        } catch (IOException e) {
            return new Launch.Failed(hidden(e));
        }
        String type = request.pool().machine().type();
        if (running.containsKey(request.claim())) {
            return new Launch.Started(new InstanceId(request.claim().value()));
        } else if (!type.equals(TYPE)) {
            return new Launch.Failed(
                    new Problem.Refused("no type '" + type + "' on this machine; the only one is '" + TYPE + "'"));
        } else if (running.size() >= most) {
            return new Launch.Failed(new Problem.QuotaExceeded(
                    "instances", running.size() + " of " + most + " run on this machine (max-processes)"));
        }
        try {
            launch(request);
            return new Launch.Started(new InstanceId(request.claim().value()));
        } catch (IOException e) {
            return new Launch.Failed(new Problem.Refused("cannot start a process: " + e.getMessage()));
        }
    }

    private void launch(LaunchRequest request) throws IOException {
        Files.createDirectories(logs);
        // A session of its own: no terminal's Ctrl-C reaches it, and it outlives whoever started it.
        ProcessBuilder builder =
                new ProcessBuilder("setsid", "/bin/sh", "-c", SHELL, "pydron-instance", request.userData());
        Resources size = request.pool().size();
        Tag tag = new Tag(
                installation,
                name,
                request.claim(),
                new Thing.Footprint(size.cores(), request.pool().perHour()));
        builder.environment().put(Tag.VARIABLE, tag.text());
        builder.directory(Path.of("/").toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(log(request.claim()).toFile()));
        Process started = builder.start();
        // Waited for, so that it does not stay in the table when it has ended.
        started.onExit();
        shells.put(request.claim(), new ProcessTable.Entry(started.toHandle(), tag));
    }

    @Override
    public Listing list() {
        try {
            List<Thing> things = new ArrayList<>();
            // Logs first: one that is being started meanwhile must not look ended.
            List<ClaimId> logged = logged();
            Map<ClaimId, List<ProcessTable.Entry>> running = running();
            for (ClaimId claim : logged) {
                if (!running.containsKey(claim)) {
                    things.add(new Thing(
                            Thing.Kind.INSTANCE,
                            claim.value(),
                            Optional.of(claim),
                            Thing.Life.ENDED,
                            Thing.Footprint.NONE,
                            List.of()));
                }
            }
            running.forEach((claim, processes) -> things.add(new Thing(
                    Thing.Kind.INSTANCE,
                    claim.value(),
                    Optional.of(claim),
                    Thing.Life.ALIVE,
                    processes.getFirst().tag().footprint(),
                    List.of("127.0.0.1"))));
            return new Listing.Seen(things);
        } catch (IOException e) {
            return new Listing.Failed(hidden(e));
        }
    }

    /// Claims whose instance has been started: their logs are there. So nobody has to wait before they believe
    /// that one is gone.
    private List<ClaimId> logged() throws IOException {
        List<ClaimId> result = new ArrayList<>();
        if (Files.isDirectory(logs)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(logs, "?*" + LOG)) {
                for (Path one : all) {
                    String file = one.getFileName().toString();
                    String claim = file.substring(0, file.length() - LOG.length());
                    if (claim.length() <= 60) {
                        result.add(new ClaimId(claim));
                    }
                }
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            }
        }
        return result;
    }

    /// Processes of this installation and this cloud, by claim.
    private Map<ClaimId, List<ProcessTable.Entry>> running() throws IOException {
        Map<ClaimId, List<ProcessTable.Entry>> result = new TreeMap<>();
        shells.values().removeIf(it -> !it.process().isAlive());
        shells.forEach((claim, shell) -> result.put(claim, new ArrayList<>(List.of(shell))));
        for (ProcessTable.Entry entry : table.entries()) {
            Tag tag = entry.tag();
            if (tag.installation().equals(installation) && tag.cloud().equals(name)) {
                result.computeIfAbsent(tag.claim(), _ -> new ArrayList<>()).add(entry);
            }
        }
        return result;
    }

    @Override
    public Removal remove(Thing.Kind kind, String id) {
        List<ProcessTable.Entry> processes;
        try {
            processes = kind == Thing.Kind.INSTANCE ? of(id) : List.of();
        } catch (IOException e) {
            return new Removal.Failed(hidden(e));
        }
        if (processes.isEmpty()) {
            return new Removal.NotThere();
        }
        processes.forEach(it -> it.process().destroy());
        Thread.ofVirtual().name("pydron-ends-" + id).start(() -> endAll(id));
        return new Removal.Accepted();
    }

    private List<ProcessTable.Entry> of(String id) throws IOException {
        return id.isEmpty() || id.length() > 60 ? List.of() : running().getOrDefault(new ClaimId(id), List.of());
    }

    /// Those that are left after a while are killed; again and again, as they may be starting others.
    private void endAll(String id) {
        long deadline = System.nanoTime() + GRACE.toNanos();
        try {
            List<ProcessTable.Entry> left = of(id);
            while (!left.isEmpty()) {
                if (System.nanoTime() > deadline) {
                    left.forEach(it -> it.process().destroyForcibly());
                }
                Thread.sleep(50);
                left = of(id);
            }
        } catch (IOException e) {
            // The next list says that it cannot be read.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Problem hidden(IOException e) {
        return new Problem.Unauthorized("the table of processes cannot be read: " + e.getMessage());
    }

    @Override
    public List<Check> check(List<Pool> pools) {
        List<Check> result = new ArrayList<>();
        result.add(
                switch (list()) {
                    case Listing.Seen seen ->
                        new Check(
                                "processes",
                                Check.Outcome.GOOD,
                                running(seen) + " of at most " + most + " instances run on this machine");
                    case Listing.Failed failed ->
                        new Check(
                                "processes", Check.Outcome.BAD, failed.problem().text());
                });
        result.add(
                found("setsid")
                        ? new Check("setsid", Check.Outcome.GOOD, "instances outlive the service")
                        : new Check(
                                "setsid", Check.Outcome.BAD, "the program 'setsid' is missing: install util-linux"));
        int cores = Runtime.getRuntime().availableProcessors();
        TreeSet<String> types = new TreeSet<>();
        for (Pool pool : pools) {
            types.add(pool.machine().type());
            if (pool.size().cores() > cores) {
                result.add(new Check(
                        "pool " + pool.name(),
                        Check.Outcome.WARNING,
                        "has " + pool.size().cores() + " cores, this machine " + cores));
            }
        }
        types.remove(TYPE);
        types.forEach(type -> result.add(new Check(
                "type " + type, Check.Outcome.BAD, "there is no such type here; the only one is '" + TYPE + "'")));
        return result;
    }

    private static long running(Listing.Seen seen) {
        return seen.things().stream()
                .filter(it -> it.life() == Thing.Life.ALIVE)
                .count();
    }

    private static boolean found(String program) {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
            if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }

    @Override
    public List<Offer> offers() {
        int cores = Runtime.getRuntime().availableProcessors();
        long memory = Runtime.getRuntime().maxMemory();
        return List.of(new Offer(
                TYPE, new Resources(cores, memory, 0), Optional.of(new Price(Money.ZERO, false)), LocalDate.EPOCH));
    }
}
