package pydron.provision.join;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import pydron.provision.model.Address;
import pydron.provision.model.ClaimId;

/// The tunnels, with the system's `ssh`: one thread for each claim does what its [Course] says. Where an instance
/// reaches this machine by itself, its connection carries no tunnel.
public final class Joining implements Tunnels {
    private static final Logger LOG = LoggerFactory.getLogger(Joining.class);
    private static final Duration SHORT = Duration.ofSeconds(30);
    private static final Duration SEEK = Duration.ofSeconds(2);
    private static final Duration LONG = Duration.ofMinutes(15);

    private final JoinKeys keys;
    private final JoinOptions options;
    private final Ways ways;
    private final Map<String, Bundle> bundles = new TreeMap<>();
    private final Path folder;
    private final Map<ClaimId, Tunnel> tunnels = new ConcurrentHashMap<>();
    private int names;

    /// @throws IOException when a bundle cannot be read, in words for the user
    public Joining(JoinKeys keys, JoinOptions options) throws IOException {
        this(keys, options, Ways.NONE, temporary());
    }

    /// The paths of sockets must be short.
    private static Path temporary() throws IOException {
        return Files.createTempDirectory(Path.of(System.getProperty("java.io.tmpdir")), "pydron-ssh");
    }

    /// @param folder for sockets and the like, with a short path; it need not exist, and is removed in the end
    /// @throws IOException when a bundle cannot be read, in words for the user
    public Joining(JoinKeys keys, JoinOptions options, Ways ways, Path folder) throws IOException {
        this.ways = ways;
        this.keys = keys;
        this.options = options;
        for (Map.Entry<String, Path> bundle : options.bundles().entrySet()) {
            bundles.put(bundle.getKey(), Bundle.of(bundle.getValue()));
        }
        this.folder = Files.createDirectories(folder);
    }

    @Override
    public synchronized void reach(Map<ClaimId, List<String>> addresses) {
        tunnels.forEach((claim, tunnel) -> {
            if (!addresses.containsKey(claim)) {
                tunnels.remove(claim);
                tunnel.end();
            }
        });
        addresses.forEach((claim, known) ->
                tunnels.computeIfAbsent(claim, it -> new Tunnel(it, names++)).reachableAt(known));
    }

    @Override
    public Map<ClaimId, JoinReport> reports() {
        Map<ClaimId, JoinReport> reports = new TreeMap<>();
        tunnels.forEach((claim, tunnel) -> reports.put(claim, tunnel.report));
        return reports;
    }

    @Override
    public synchronized void close() {
        tunnels.values().forEach(Tunnel::end);
        tunnels.values().forEach(Tunnel::awaitEnd);
        tunnels.clear();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            LOG.warn("folder={} could not be removed: {}", folder, e.toString());
        }
    }

    private final class Tunnel {
        private final ClaimId claim;
        private final Course course;
        private final Path control;
        private final Path knownHosts;
        private final Thread thread;
        private volatile List<Destination> destinations = List.of();
        private volatile JoinReport report;
        private volatile boolean over;
        private Optional<Ssh> ssh = Optional.empty();
        private Optional<Address> direct = Optional.empty();
        private String gateway = "";

        Tunnel(ClaimId claim, int name) {
            this.claim = claim;
            course = new Course(options.python(), bundles.keySet(), options.patience(), Instant.now());
            report = course.report();
            control = folder.resolve(name + ".ctl");
            knownHosts = folder.resolve(name + ".hosts");
            thread = Thread.ofVirtual().name("tunnel-" + claim).start(this::follow);
        }

        void reachableAt(List<String> addresses) {
            destinations = addresses.stream()
                    .map(it -> {
                        try {
                            return Destination.of(it);
                        } catch (IllegalArgumentException e) {
                            LOG.warn("claim={} address '{}' is of no use: {}", claim, it, e.getMessage());
                            return null;
                        }
                    })
                    .filter(Objects::nonNull)
                    .toList();
        }

        void end() {
            over = true;
            thread.interrupt();
        }

        void awaitEnd() {
            try {
                thread.join(Duration.ofSeconds(5));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void follow() {
            try {
                Files.writeString(knownHosts, alias() + " " + keys.hostKeyPublic(claim) + "\n");
                Step step = course.first();
                while (!over) {
                    Outcome outcome = carryOut(step);
                    course.reachableAt(destinations);
                    course.connectsTo(direct);
                    step = course.next(step, outcome, Instant.now());
                    JoinReport now = course.report();
                    if (now.stage() != report.stage() || !now.text().equals(report.text())) {
                        LOG.info("claim={} stage={} {}", claim, now.stage(), now.text());
                    }
                    report = now;
                }
            } catch (InterruptedException e) {
                // It is over.
            } catch (IOException | RuntimeException e) {
                LOG.error("claim={} its tunnel has ended", claim, e);
                report = new JoinReport(JoinReport.Stage.STUCK, "internal error: " + e, Instant.now());
            } finally {
                ssh.ifPresent(Ssh::close);
            }
        }

        private String alias() {
            return "pydron-" + claim.value();
        }

        private Outcome carryOut(Step step) throws InterruptedException {
            try {
                return switch (step) {
                    case Step.Pause pause -> {
                        rest(pause.length());
                        yield new Outcome.Rested();
                    }
                    case Step.Seek seek -> new Outcome.Sought(Banners.first(seek.among(), SEEK));
                    case Step.LogIn logIn -> logIn(logIn.to());
                    case Step.Probe _ -> probe();
                    case Step.Watch _ -> watch();
                    case Step.Bring bring -> bring(bundles.get(bring.arch()), bring.python());
                    case Step.Start start -> start(start);
                    case Step.Ask _ -> ask();
                };
            } catch (Ssh.Broken e) {
                disconnect();
                return new Outcome.Cut(Trouble.of(e.getMessage()), e.getMessage());
            } catch (IOException e) {
                if (over) {
                    throw new InterruptedException();
                }
                return new Outcome.Failed(e.getMessage());
            }
        }

        /// Ends early when the connection does.
        private void rest(Duration length) throws InterruptedException {
            long deadline = System.nanoTime() + length.toNanos();
            boolean connected = ssh.isPresent() && ssh.get().alive();
            while (System.nanoTime() < deadline && (!connected || ssh.get().alive())) {
                Thread.sleep(100);
            }
        }

        private void disconnect() {
            ssh.ifPresent(Ssh::close);
            ssh = Optional.empty();
        }

        private Outcome logIn(Destination to) throws IOException, InterruptedException {
            disconnect();
            Optional<Ssh.Identity> identity = to.planted()
                    ? Optional.of(new Ssh.Identity(options.user(), keys.tunnelKey(), knownHosts, alias()))
                    : Optional.empty();
            ssh = Optional.of(Ssh.open(to, identity, control));
            direct = ways.direct(claim);
            gateway = direct.isPresent()
                    ? direct.get().toString()
                    : Integer.toString(ssh.get().reverse(options.gatewayPort()));
            return new Outcome.LoggedIn();
        }

        private Ssh connection() throws Ssh.Broken {
            return ssh.orElseThrow(() -> new Ssh.Broken("Connection closed"));
        }

        private String script(String name, Map<String, String> more) {
            Map<String, String> variables = new LinkedHashMap<>();
            variables.put("claim", claim.value());
            variables.putAll(more);
            return Scripts.with(variables, name);
        }

        /// A setting that has changed counts from the next connection on, so that is made at once.
        private Outcome watch() throws IOException, InterruptedException {
            if (!ways.direct(claim).equals(direct)) {
                throw new Ssh.Broken("the setting 'address' has changed");
            }
            return probe();
        }

        private Outcome probe() throws IOException, InterruptedException {
            Map<String, String> variables = Map.of(
                    "hashes",
                    String.join(" ", bundles.values().stream().map(Bundle::hash).toList()),
                    "wanted",
                    options.python().orElse(""));
            Ssh.Result result = connection().run(script("probe.sh", variables), Optional.empty(), SHORT);
            return Found.of(result.out())
                    .<Outcome>map(Outcome.Seen::new)
                    .orElseGet(() -> failed("the machine does not answer as a Unix machine would", result));
        }

        private static Outcome failed(String what, Ssh.Result result) {
            return new Outcome.Failed(what + ": " + (result.err() + " " + result.out()).strip());
        }

        private static boolean whole(Ssh.Result result) {
            return result.status() == 0 && result.out().contains("end=ok");
        }

        private Outcome bring(Bundle bundle, String python) throws IOException, InterruptedException {
            Optional<Staging> place = ways.staging(claim);
            if (place.isPresent()) {
                String why = switch (place.get().stage(bundle.file(), bundle.hash())) {
                    case Staging.Staged.At(URI address) -> fetch(bundle, python, address);
                    case Staging.Staged.Failed(String text) -> text;
                };
                if (why.isEmpty()) {
                    return new Outcome.Brought();
                }
                LOG.warn("claim={} the worker comes over ssh: {}", claim, why);
                report = new JoinReport(
                        JoinReport.Stage.PREPARING, "bringing the worker over ssh: " + why, Instant.now());
            }
            Map<String, String> variables = Map.of("hash", bundle.hash(), "address", "", "python", python);
            Ssh.Result result = connection().run(script("bring.sh", variables), Optional.of(bundle.file()), LONG);
            return whole(result) ? new Outcome.Brought() : failed("the worker cannot be brought", result);
        }

        /// Empty when the machine has fetched it, else what was in the way.
        private String fetch(Bundle bundle, String python, URI address) throws IOException, InterruptedException {
            Map<String, String> variables =
                    Map.of("hash", bundle.hash(), "address", address.toString(), "python", python);
            Ssh.Result result = said(script("bring.sh", variables), LONG);
            return whole(result)
                    ? ""
                    : "the machine cannot fetch it from " + address.getHost() + ": "
                            + result.err().strip();
        }

        /// By standard input: what is in a command line, others on the machine can see.
        private Ssh.Result said(String script, Duration patience) throws IOException, InterruptedException {
            Path input = Files.createTempFile(folder, "said", ".sh");
            try {
                Files.writeString(input, script);
                return connection().run("exec sh -s", Optional.of(input), patience);
            } finally {
                Files.deleteIfExists(input);
            }
        }

        private Outcome start(Step.Start start) throws IOException, InterruptedException {
            TlsIdentity tls = keys.worker(claim);
            Map<String, String> variables = new LinkedHashMap<>();
            variables.put("bundle", start.bundle());
            variables.put("python", start.python());
            variables.put("gateway", gateway);
            variables.put("authority", tls.authority());
            variables.put("certificate", tls.certificate());
            variables.put("key", tls.key());
            StringBuilder exports = new StringBuilder();
            options.environment()
                    .forEach((name, value) -> exports.append("export ")
                            .append(name)
                            .append('=')
                            .append(Scripts.quote(value))
                            .append('\n'));
            Ssh.Result result = said(exports + script("start.sh", variables), SHORT);
            return whole(result) ? new Outcome.Started() : failed("the worker cannot be started", result);
        }

        private Outcome ask() throws IOException, InterruptedException {
            Ssh.Result result = connection().run(script("tell.sh", Map.of()), Optional.empty(), SHORT);
            String log = "";
            StringBuilder lines = new StringBuilder();
            for (String line : result.out().lines().toList()) {
                if (line.startsWith("log=")) {
                    log = line.substring(4);
                } else if (line.startsWith("line=")) {
                    lines.append("\n  ").append(line.substring(5));
                }
            }
            return new Outcome.Told(lines.isEmpty() ? "" : "the end of " + log + " there:" + lines);
        }
    }
}
