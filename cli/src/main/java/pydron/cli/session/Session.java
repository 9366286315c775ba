package pydron.cli.session;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;

/// The folder of one running pydron: its socket and its value files, for its owner only, gone when it ends.
///
/// Each holds a file `lock` on which its process has a lock. The kernel drops that lock however the process ends, so
/// a folder whose lock can be had belongs to nobody and `StaleSessions` removes it.
public final class Session implements AutoCloseable {
    /// `sun_path` of a unix socket address has 108 bytes, the last one being 0.
    static final int LONGEST_SOCKET_PATH = 107;

    static final String LOCK = "lock";
    private static final String VARIABLE = "PYDRON_TMPDIR";

    /// Sessions of this process. A process loses its lock on a file as soon as it closes *any* descriptor of that file,
    /// so the lock files of these must never be opened again.
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    private static final long ENOUGH_ROOM = 256L << 20;

    private final Path folder;
    private final FileChannel lock;
    private final Thread atExit;
    private final CompletableFuture<Guard> guard;

    private Session(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
        // Starting a process takes milliseconds, which nobody should wait for.
        this.guard = CompletableFuture.supplyAsync(() -> Guard.start(folder), Thread::startVirtualThread);
        this.atExit = new Thread(() -> Trees.delete(folder), "pydron-session-exit");
    }

    /// Makes a folder in the first suitable place: shared memory, where task processes map values without copying,
    /// else the folder for temporary files. `PYDRON_TMPDIR` overrules.
    public static Session create(Map<String, String> environment) {
        List<String> reasons = new ArrayList<>();
        for (Path place : places(environment)) {
            if (place.toString().getBytes(StandardCharsets.UTF_8).length + 40 > LONGEST_SOCKET_PATH) {
                reasons.add("'" + place + "': the path is too long for a socket in it (at most "
                        + (LONGEST_SOCKET_PATH - 40) + " bytes)");
                continue;
            }
            try {
                Session session = createIn(place);
                Runtime.getRuntime().addShutdownHook(session.atExit);
                return session;
            } catch (IOException e) {
                reasons.add("'" + place + "': " + why(e));
            }
        }
        throw new CommandFailure(
                ExitCode.FAILED,
                "cannot make a folder for temporary files: " + String.join("; ", reasons),
                "Set " + VARIABLE + " to a folder that you can write to, on a file system with some room.");
    }

    /// In order of preference. What has no room (a container's 64 MiB of shared memory) comes last.
    static List<Path> places(Map<String, String> environment) {
        String chosen = environment.get(VARIABLE);
        if (chosen != null && !chosen.isEmpty()) {
            return List.of(Path.of(chosen).toAbsolutePath());
        }
        List<Path> roomy = new ArrayList<>();
        List<Path> narrow = new ArrayList<>();
        for (Path place : defaultPlaces(environment)) {
            (new File(place.toString()).getUsableSpace() >= ENOUGH_ROOM ? roomy : narrow).add(place);
        }
        roomy.addAll(narrow);
        return roomy;
    }

    /// Everywhere that sessions of this user may lie.
    static List<Path> defaultPlaces(Map<String, String> environment) {
        List<Path> places = new ArrayList<>();
        places.add(Path.of("/dev/shm"));
        for (String variable : List.of("TMPDIR", "XDG_RUNTIME_DIR")) {
            String value = environment.get(variable);
            if (value != null && !value.isEmpty()) {
                places.add(Path.of(value).toAbsolutePath());
            }
        }
        places.add(Path.of("/tmp"));
        return places;
    }

    private static Session createIn(Path place) throws IOException {
        while (true) {
            Path folder = place.resolve(prefix() + randomName());
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            OWN.add(folder);
            FileChannel lock =
                    FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            if (lock.tryLock() != null) {
                Files.createDirectory(folder.resolve("values"));
                return new Session(folder, lock);
            }
            OWN.remove(folder);
            lock.close(); // a pydron that looks for stale folders was quicker: leave it this one
        }
    }

    static boolean isOwn(Path folder) {
        return OWN.contains(folder.toAbsolutePath());
    }

    static String prefix() {
        return "pydron-" + Trees.ownUid() + "-";
    }

    private static String randomName() {
        // Names differ; secrecy is the folder's mode, so no secure randomness is needed.
        return Long.toString(ThreadLocalRandom.current().nextLong(36L * 36 * 36 * 36 * 36, 1L << 50), 36);
    }

    private static String why(IOException e) {
        return switch (e) {
            case java.nio.file.NoSuchFileException _ -> "no such folder";
            case java.nio.file.AccessDeniedException _ -> "permission denied";
            case java.nio.file.FileSystemException fs when fs.getReason() != null -> fs.getReason();
            case IOException other -> String.valueOf(other.getMessage());
        };
    }

    public Path folder() {
        return folder;
    }

    public Path socket() {
        return folder.resolve("socket");
    }

    /// For value files. It exists.
    public Path values() {
        return folder.resolve("values");
    }

    /// The user's program, which is to end with this process even where that is killed outright.
    public void watch(Process program) {
        guard.thenAcceptAsync(shell -> shell.watch(program.pid()), Thread::startVirtualThread);
    }

    @Override
    public void close() {
        Trees.delete(folder);
        try {
            lock.close();
        } catch (IOException e) {
            throw new IllegalStateException("closing " + folder.resolve(LOCK), e);
        }
        OWN.remove(folder);
        guard.join().stop();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // The JVM is ending already; the hook finds nothing left to delete.
        }
    }
}
