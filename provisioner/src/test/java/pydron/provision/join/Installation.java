package pydron.provision.join;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import pydron.analysis.PipelineAnalysis;
import pydron.provision.guests.Guests;
import pydron.provision.model.Address;
import pydron.provision.model.Claim;
import pydron.provision.model.ClaimId;
import pydron.provision.model.ClaimState;
import pydron.provision.model.Machine;
import pydron.provision.model.Money;
import pydron.provision.model.Pool;
import pydron.provision.model.Price;
import pydron.provision.model.Resources;
import pydron.service.AnalysisException;
import pydron.service.Instances;
import pydron.service.RemoteAccess;
import pydron.service.SchedulerConfig;
import pydron.service.SchedulerListener;
import pydron.service.SchedulerService;
import pydron.service.ServerIdentity;

/// A workstation with everything but clouds: keys, scheduler, tunnels. Claims are open when a test says so.
final class Installation implements AutoCloseable {
    static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final Path PYTHON = HOME.resolve(".venv/bin/python");

    final JoinKeys keys;
    final Set<ClaimId> open = ConcurrentHashMap.newKeySet();
    final SchedulerService scheduler;
    final int port;
    private final Path folder;
    private final Joining joining;
    private final Map<ClaimId, Address> direct = new ConcurrentHashMap<>();
    private final Ways ways = new Ways() {
        @Override
        public Optional<Address> direct(ClaimId claim) {
            return Optional.ofNullable(direct.get(claim));
        }
    };

    Installation(Path folder) throws IOException {
        this.folder = folder;
        keys = JoinKeys.open(folder.resolve("keys"));
        Tokens tokens = new Tokens(keys, folder.resolve("tokens"), open::contains);
        TlsIdentity tls = keys.scheduler();
        RemoteAccess access = new RemoteAccess(
                0,
                new ServerIdentity(tls.certificate(), tls.key()),
                Set.of(),
                tls.authority(),
                it -> tokens.refusal(it.claim(), it.token(), it.workerId()));
        Path values = Files.createDirectories(folder.resolve("values"));
        SchedulerConfig config = new SchedulerConfig(
                socket(),
                values,
                OptionalInt.empty(),
                Duration.ofSeconds(60),
                false,
                1,
                "test",
                Optional.of(access),
                Optional.empty());
        scheduler = new SchedulerService(config, Installation::analyse, SchedulerListener.NONE);
        port = scheduler.workerService().securePort().orElseThrow();
        joining = new Joining(keys, options(port), ways, folder.resolve("tunnels"));
    }

    /// The claim's worker connects to a door of this machine, at an address that machines reach.
    Address direct(Claim claim) throws IOException {
        String host = Guests.host();
        TlsIdentity tls = keys.scheduler(Set.of(host));
        SchedulerService.Door door =
                scheduler.open(new InetSocketAddress(host, 0), new ServerIdentity(tls.certificate(), tls.key()));
        Address address = new Address(host, door.port());
        direct.put(claim.id(), address);
        return address;
    }

    private static byte[] analyse(byte[] unit) throws AnalysisException {
        try {
            return PipelineAnalysis.analyse(unit);
        } catch (IllegalArgumentException e) {
            throw new AnalysisException(e.getMessage());
        }
    }

    static JoinOptions options(int port) throws IOException {
        String bundle = System.getProperty("pydron.bundle", "");
        assertThat(bundle).as("the bundle, -Dpydron.bundle").isNotEmpty();
        return new JoinOptions(
                port,
                Map.of("x86_64", Path.of(bundle)),
                Optional.empty(),
                Map.of("PYTHONHASHSEED", "0"),
                "pydron",
                JoinOptions.PATIENCE);
    }

    Path socket() {
        return folder.resolve("s");
    }

    static Claim claim(String id) {
        Pool pool = new Pool(
                "test",
                new Machine("guests", "small", ""),
                new Resources(2, 4L << 30, 0),
                new Price(Money.of("0.05"), false),
                Duration.ofSeconds(10));
        Instant now = Instant.now();
        return new Claim(new ClaimId(id), pool, now, now.plusSeconds(600), new ClaimState.Requested(now, 1));
    }

    String userData(Claim claim, Duration lease) {
        open.add(claim.id());
        return new UserData(keys).userData(claim, lease);
    }

    Joining joining() {
        return joining;
    }

    Optional<Instances.InstanceView> worker(Claim claim) {
        return scheduler.instances().view().stream()
                .filter(it -> it.claim().equals(claim.id().value()))
                .findFirst();
    }

    void awaitWorker(Claim claim) {
        await(
                "the worker of " + claim.id(),
                Duration.ofSeconds(40),
                () -> worker(claim).filter(Instances.InstanceView::connected).isPresent());
    }

    void await(String what, Duration patience, BooleanSupplier until) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!until.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(what + " did not come about; tunnels: " + joining.reports() + ", workers: "
                        + scheduler.instances().view());
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /// Starts a script of the user's, with the driver's Python of this machine.
    Process script(Path script) throws IOException {
        return script(script, Map.of());
    }

    Process script(Path script, Map<String, String> variables, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(python().toString(), script.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.directory(script.getParent().toFile());
        builder.environment().put("PYDRON_SOCKET", socket().toString());
        builder.environment().put("PYTHONPATH", HOME.resolve("python").toString());
        builder.environment().put("PYTHONHASHSEED", "0");
        builder.environment().putAll(variables);
        return builder.start();
    }

    private static Path python() {
        return Files.isExecutable(PYTHON) ? PYTHON : Path.of(System.getProperty("pydron.python", "python3"));
    }

    /// What it printed, when it has ended well.
    static String output(Process script) throws IOException, InterruptedException {
        String out = new String(script.getInputStream().readAllBytes());
        String err = new String(script.getErrorStream().readAllBytes());
        assertThat(script.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(script.exitValue()).as(out + err).isZero();
        return out;
    }

    @Override
    public void close() throws IOException {
        joining.close();
        scheduler.close();
        try (Stream<Path> files = Files.list(folder.resolve("values"))) {
            assertThat(files.filter(it -> it.getFileName().toString().startsWith("kept")))
                    .as("value files of the scheduler")
                    .isEmpty();
        }
    }
}
