package pydron.cli.elastic;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;
import pydron.cli.python.Python;
import pydron.provision.join.JoinKeys;
import pydron.provision.join.JoinOptions;
import pydron.provision.join.JoinReport;
import pydron.provision.join.Joining;
import pydron.provision.model.Claim;
import pydron.provision.model.ClaimId;
import pydron.provision.model.ClaimState;

/// Tunnels to instances on other machines, from when there is the first one.
final class Remote implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Remote.class);

    private final JoinKeys keys;
    private final int gatewayPort;
    private final Python python;
    private final Map<String, String> environment;
    private Optional<Joining> tunnels = Optional.empty();

    /// @param environment variables of workers and tasks there
    Remote(JoinKeys keys, int gatewayPort, Python python, Map<String, String> environment) {
        this.keys = keys;
        this.gatewayPort = gatewayPort;
        this.python = python;
        this.environment = environment;
    }

    /// Called before the first instance is asked for: without a worker to bring it would cost money in vain.
    ///
    /// @throws CommandFailure there is no worker to bring, and none can be made
    void prepare() {
        if (tunnels.isPresent()) {
            return;
        }
        try {
            String[] version = python.version().split("\\.");
            JoinOptions options = new JoinOptions(
                    gatewayPort, bundles(), Optional.of(version[0] + "." + version[1]), environment, JoinOptions.USER);
            tunnels = Optional.of(new Joining(keys, options));
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "cannot prepare instances: " + e.getMessage(), e);
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
        if (!wanted.isEmpty()) {
            prepare();
        }
        tunnels.ifPresent(it -> it.reach(wanted));
    }

    /// How far each is on its way, in words.
    Map<ClaimId, JoinReport> reports() {
        return tunnels.map(Joining::reports).orElse(Map.of());
    }

    @Override
    public void close() {
        tunnels.ifPresent(Joining::close);
    }

    /// Files by machine. Made where they are missing, for this machine's kind.
    private static Map<String, Path> bundles() throws IOException {
        String named = System.getenv().getOrDefault("PYDRON_BUNDLES", "");
        Path folder = named.isEmpty() ? Own.folder().resolve("bundle") : Path.of(named);
        Map<String, Path> found = look(folder);
        if (found.isEmpty() && named.isEmpty()) {
            make(folder);
            found = look(folder);
        }
        if (found.isEmpty()) {
            throw new IOException("there is no worker bundle (pydron-worker-*.tar.gz) in '" + folder
                    + "'; 'worker-image/bundle.sh FOLDER' of a checkout makes it, PYDRON_BUNDLES names the folder");
        }
        return found;
    }

    private static Map<String, Path> look(Path folder) throws IOException {
        Map<String, Path> found = new HashMap<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, "pydron-worker-*.tar.gz")) {
                for (Path one : all) {
                    String name = one.getFileName().toString();
                    String stem = name.substring(0, name.length() - ".tar.gz".length());
                    found.put(stem.substring(stem.lastIndexOf('-') + 1), one);
                }
            }
        }
        return found;
    }

    private static void make(Path folder) throws IOException {
        String home = System.getProperty("pydron.home", "");
        Path script = Path.of(home, "worker-image", "bundle.sh");
        if (home.isEmpty() || !Files.isExecutable(script)) {
            return;
        }
        LOG.info("event=bundle-made folder={}", folder);
        Process process = new ProcessBuilder(script.toString(), folder.toString())
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
