package pydron.cli.elastic;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import pydron.cli.python.Python;
import pydron.cli.session.Trees;
import pydron.provision.apply.Bootstrap;
import pydron.provision.join.JoinKeys;
import pydron.provision.join.TlsIdentity;
import pydron.provision.local.LocalCloud;
import pydron.provision.model.Claim;
import pydron.provision.model.ClaimId;

/// What an instance on this machine runs: this very Pydron's worker, beside a watchdog that ends the instance with its
/// lease. The worker joins as one on any other machine does, with TLS and its claim's token.
final class LocalBoot implements Bootstrap {
    private static final FileAttribute<Set<PosixFilePermission>> OWNER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /// The lease is in seconds since the machine has booted, which no setting of the clock changes.
    private static final String SCRIPT = """
            umask 077
            folder=%s
            now() { read -r up rest < /proc/uptime; echo "${up%%%%.*}"; }
            [ -s "$folder/lease" ] || echo $(($(now) + %d)) > "$folder/lease"
            (
              while [ "$(now)" -lt "$(cat "$folder/lease" || echo 0)" ]; do sleep 1; done
              echo "pydron: the lease is over"
              kill "$PYDRON_MACHINE"
            ) &
            PYTHONHASHSEED=%d
            export PYTHONHASHSEED
            %s "$folder" %d %s "$folder/packages"
            kill "$PYDRON_MACHINE"
            """;

    private final Path folder;
    private final JoinKeys keys;
    private final Path port;
    private final Python python;
    private final long seed;

    /// @param folder for what each instance is given
    /// @param port the file that names the gateway's port
    /// @param python that runs tasks
    /// @param seed by which Python hashes texts there
    LocalBoot(Path folder, JoinKeys keys, Path port, Python python, long seed) {
        this.python = python;
        this.seed = seed;
        this.folder = folder;
        this.keys = keys;
        this.port = port;
    }

    @Override
    public String userData(Claim claim, Duration lease) {
        Path own = folder.resolve(claim.id().value());
        try {
            Files.createDirectories(own, OWNER);
            Path tls = Files.createDirectories(own.resolve("tls"), OWNER);
            TlsIdentity identity = keys.worker(claim.id());
            write(tls.resolve("certificate.pem"), identity.certificate());
            write(tls.resolve("key.pem"), identity.key());
            write(tls.resolve("authority.pem"), identity.authority());
            write(own.resolve("token"), keys.token(claim.id()));
            Files.deleteIfExists(own.resolve("gateway"));
            Files.createSymbolicLink(own.resolve("gateway"), port);
            Files.deleteIfExists(own.resolve("packages"));
            if (!python.path().isEmpty()) {
                Files.createSymbolicLink(
                        own.resolve("packages"), Path.of(python.path().getFirst()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot prepare the instance of claim " + claim.id(), e);
        }
        String command = Own.worker().stream().map(LocalBoot::quoted).collect(Collectors.joining(" "));
        return SCRIPT.formatted(
                quoted(own.toString()),
                lease.toSeconds(),
                seed,
                command,
                claim.pool().size().cores(),
                quoted(python.executable()));
    }

    private static void write(Path file, String text) throws IOException {
        Path draft = Files.createTempFile(file.getParent(), "." + file.getFileName(), ".new");
        Files.writeString(draft, text);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    /// What a worker that was killed could not remove itself. Its folders are named by its mark.
    private static List<Path> leavings(Path own) {
        try {
            String mark = Files.readString(own.resolve("mark")).strip();
            return mark.matches("[0-9a-f-]{8,36}")
                    ? List.of(Path.of("/dev/shm", "pydron-" + mark), Path.of(Own.temporary(), "pydron-" + mark))
                    : List.of();
        } catch (IOException e) {
            return List.of();
        }
    }

    /// Removes what instances were given that are no more.
    void clean(Set<ClaimId> open) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (var all = Files.newDirectoryStream(folder)) {
            for (Path one : all) {
                String name = one.getFileName().toString();
                String claim = name.endsWith(LocalCloud.LOG) ? name.substring(0, name.length() - 4) : name;
                if (open.stream().noneMatch(it -> it.value().equals(claim))) {
                    leavings(one).forEach(Trees::delete);
                    Trees.delete(one);
                }
            }
        } catch (IOException e) {
            // Next time.
        }
    }
}
