package pydron.cli.elastic;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import pydron.cli.Home;
import pydron.cli.python.Python;
import pydron.provision.join.JoinKeys;
import pydron.provision.join.JoinOptions;
import pydron.provision.join.JoinReport;
import pydron.provision.join.Joining;
import pydron.provision.join.Ways;
import pydron.provision.model.Claim;
import pydron.provision.model.ClaimId;
import pydron.provision.model.ClaimState;
import pydron.wire.Release;

/// Tunnels to instances on other machines, from when such are expected. Nothing is thrown: what cannot be prepared is
/// told of those whom it keeps from joining.
final class Remote implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Remote.class);

    private static final String BUNDLE = "pydron-worker-";

    /// Between two tries to prepare what failed.
    private static final Duration AGAIN = Duration.ofSeconds(20);

    private final JoinKeys keys;
    private final int gatewayPort;
    private final Python python;
    private final Duration patience;
    private final Map<String, String> environment;
    private final Ways ways;
    private final Path folder;
    private Optional<CompletableFuture<Joining>> tunnels = Optional.empty();
    private Instant failed = Instant.MIN;
    private String why = "";
    private Map<ClaimId, JoinReport> helpless = Map.of();

    /// @param environment variables of workers and tasks there
    /// @param joinWithin as in the settings
    /// @param folder for sockets; who removes what this process leaves when it is killed removes that, too
    Remote(
            JoinKeys keys,
            int gatewayPort,
            Python python,
            Map<String, String> environment,
            Duration joinWithin,
            Ways ways,
            Path folder) {
        this.ways = ways;
        this.folder = folder;
        Duration half = joinWithin.dividedBy(2);
        this.patience = half.compareTo(JoinOptions.PATIENCE) < 0 ? half : JoinOptions.PATIENCE;
        this.keys = keys;
        this.gatewayPort = gatewayPort;
        this.python = python;
        this.environment = environment;
    }

    /// Begins with what takes long, when instances on other machines may soon be wanted.
    synchronized void expect() {
        if (tunnels.isEmpty() && Duration.between(failed, Instant.now()).compareTo(AGAIN) > 0) {
            CompletableFuture<Joining> soon = new CompletableFuture<>();
            tunnels = Optional.of(soon);
            Thread.ofVirtual().name("prepare").start(() -> {
                try {
                    soon.complete(prepared());
                } catch (IOException | RuntimeException e) {
                    soon.completeExceptionally(e);
                }
            });
        }
    }

    private Joining prepared() throws IOException {
        String[] version = python.version().split("\\.");
        return new Joining(
                keys,
                new JoinOptions(
                        gatewayPort,
                        bundles(),
                        Optional.of(version[0] + "." + version[1]),
                        environment,
                        JoinOptions.USER,
                        patience),
                ways,
                folder);
    }

    /// Waits until instances can be prepared. Asked before one is started: without a worker to bring it would cost
    /// money
    /// in vain.
    ///
    /// @return what is in the way, for the user; empty when nothing is
    String obstacle() {
        return tunnels().isPresent() ? "" : why;
    }

    private Optional<Joining> tunnels() {
        expect();
        CompletableFuture<Joining> soon;
        synchronized (this) {
            if (tunnels.isEmpty()) {
                return Optional.empty();
            }
            soon = tunnels.get();
        }
        try {
            return Optional.of(soon.join());
        } catch (CompletionException e) {
            synchronized (this) {
                tunnels = Optional.empty();
                failed = Instant.now();
                why = "instances cannot be prepared: " + e.getCause().getMessage();
            }
            LOG.warn("event=not-prepared", e.getCause());
            return Optional.empty();
        }
    }

    /// @param addresses of the claims that are on other machines, as far as clouds have said
    void reach(List<Claim> open, Set<ClaimId> remote, Map<ClaimId, List<String>> addresses) {
        Map<ClaimId, List<String>> wanted = new TreeMap<>();
        for (Claim claim : open) {
            boolean runs = claim.state() instanceof ClaimState.Booting
                    || claim.state() instanceof ClaimState.Working
                    || claim.state() instanceof ClaimState.Draining;
            if (runs && remote.contains(claim.id())) {
                wanted.put(claim.id(), addresses.getOrDefault(claim.id(), List.of()));
            }
        }
        Optional<Joining> ways = wanted.isEmpty() ? idle() : tunnels();
        Map<ClaimId, JoinReport> told = new TreeMap<>();
        if (ways.isPresent()) {
            ways.get().reach(wanted);
        } else {
            wanted.keySet().forEach(it -> told.put(it, new JoinReport(JoinReport.Stage.USELESS, why, Instant.now())));
        }
        helpless = told;
    }

    /// Those that are there, if any are.
    private synchronized Optional<Joining> idle() {
        return tunnels.filter(it -> it.isDone() && !it.isCompletedExceptionally())
                .map(CompletableFuture::join);
    }

    /// How far each is on its way, in words.
    Map<ClaimId, JoinReport> reports() {
        Map<ClaimId, JoinReport> all =
                new TreeMap<>(idle().map(Joining::reports).orElse(Map.of()));
        all.putAll(helpless);
        return all;
    }

    @Override
    public void close() {
        idle().ifPresent(Joining::close);
    }

    /// Files by machine. Made where they are missing, for this machine's kind.
    private static Map<String, Path> bundles() throws IOException {
        String named = System.getenv().getOrDefault("PYDRON_BUNDLES", "");
        Path folder = named.isEmpty() ? Own.folder().resolve("bundle-" + Own.build()) : Path.of(named);
        Set<String> others = new TreeSet<>();
        Map<String, Path> found = look(folder, others);
        if (found.isEmpty() && named.isEmpty()) {
            make(folder);
            found = look(folder, others);
        }
        if (found.isEmpty() && !others.isEmpty()) {
            throw new IOException("the worker bundles in '" + folder + "' are of Pydron " + String.join(", ", others)
                    + ", and here is Pydron " + Release.version() + "; 'worker-image/bundle.sh " + folder
                    + "' of a checkout makes one");
        } else if (found.isEmpty()) {
            throw new IOException("there is no worker bundle (pydron-worker-*.tar.gz) in '" + folder
                    + "'; 'worker-image/bundle.sh FOLDER' of a checkout makes it, PYDRON_BUNDLES names the folder");
        }
        return found;
    }

    /// @param others gets versions of Pydron that are not this one
    private static Map<String, Path> look(Path folder, Set<String> others) throws IOException {
        Map<String, Path> found = new HashMap<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, BUNDLE + "*.tar.gz")) {
                for (Path one : all) {
                    String name = one.getFileName().toString();
                    String stem = name.substring(BUNDLE.length(), name.length() - ".tar.gz".length());
                    int end = stem.lastIndexOf('-');
                    String version = stem.substring(0, Math.max(0, end));
                    if (version.equals(Release.version())) {
                        found.put(stem.substring(end + 1), one);
                    } else {
                        others.add(version);
                    }
                }
            }
        }
        return found;
    }

    private static void make(Path folder) throws IOException {
        Optional<Path> script =
                Home.folder().map(it -> it.resolve("worker-image/bundle.sh")).filter(Files::isExecutable);
        if (script.isEmpty()) {
            return;
        }
        LOG.info("event=bundle-made folder={}", folder);
        Process process = new ProcessBuilder(script.get().toString(), folder.toString())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException("the worker bundle cannot be made: " + said.strip());
            }
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the worker bundle was made", e);
        }
    }
}
