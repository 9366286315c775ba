package pydron.service;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import pydron.core.Facts;
import pydron.proto.GetModuleRequest;
import pydron.proto.ModuleChunk;

/// The drivers' own modules, for workers that do not see the drivers' files. Only what the driver's import path names
/// is
/// ever read, and of that neither Python's own library nor folders of installed packages.
final class UserModules implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(UserModules.class);
    private static final long MOST_BYTES = 256L << 20;
    private static final int MOST_FILES = 20_000;
    private static final int MOST_NAMES = 10_000;
    private static final int CHUNK = 512 * 1024;

    private final Map<Integer, Facts.Driver> drivers = new ConcurrentHashMap<>();
    private final Map<Integer, List<String>> names = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("modules-", 0).factory());

    /// What a job's driver would find in its own folders: top-level names of files and packages.
    List<String> namesFor(int job, Facts.Driver driver) {
        drivers.put(job, driver);
        return names.computeIfAbsent(job, j -> list(driver));
    }

    void forget(int job) {
        drivers.remove(job);
        names.remove(job);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    private static List<String> list(Facts.Driver driver) {
        TreeSet<String> found = new TreeSet<>();
        for (Path folder : folders(driver)) {
            try (Stream<Path> entries = Files.list(folder)) {
                entries.map(Path::getFileName)
                        .map(Path::toString)
                        .flatMap(file -> module(folder, file).stream())
                        .limit(MOST_NAMES - found.size())
                        .forEach(found::add);
            } catch (IOException | UncheckedIOException e) {
                log.debug("folder={} cannot be listed: {}", folder, e.toString());
            }
        }
        return List.copyOf(found);
    }

    /// The name by which this entry of a folder is imported, if it is.
    private static Optional<String> module(Path folder, String file) {
        String name = file;
        if (file.endsWith(".py")) {
            name = file.substring(0, file.length() - 3);
        } else if (file.endsWith(".so")) {
            name = file.substring(0, file.indexOf('.'));
        } else if (!Files.isRegularFile(folder.resolve(file).resolve("__init__.py"))) {
            return Optional.empty();
        }
        return isName(name) ? Optional.of(name) : Optional.empty();
    }

    private static boolean isName(String text) {
        return !text.isEmpty()
                && Character.isUnicodeIdentifierStart(text.codePointAt(0)) | text.charAt(0) == '_'
                && text.codePoints().allMatch(Character::isUnicodeIdentifierPart);
    }

    /// The user's own folders of the import path.
    private static List<Path> folders(Facts.Driver driver) {
        List<Path> folders = new ArrayList<>();
        for (String entry : driver.sysPath()) {
            Path folder = Path.of(driver.cwd()).resolve(entry).normalize();
            if (Files.isDirectory(folder) && !isLibrary(folder)) {
                folders.add(folder);
            }
        }
        return folders;
    }

    private static boolean isLibrary(Path folder) {
        for (Path part : folder) {
            String name = part.toString();
            if (name.equals("site-packages") || name.equals("dist-packages") || name.equals("lib-dynload")) {
                return true;
            }
        }
        boolean standard = Files.exists(folder.resolve("os.py")) && Files.exists(folder.resolve("abc.py"));
        return standard || Files.exists(folder.resolve("pydron").resolve("_task.py"));
    }

    /// Answers on another thread.
    void serve(GetModuleRequest request, ServerCallStreamObserver<ModuleChunk> chunks) {
        chunks.setOnCancelHandler(() -> {});
        threads.execute(() -> {
            try {
                answer(request, chunks);
            } catch (RuntimeException | IOException e) {
                log.warn("module={} could not be sent: {}", request.getName(), e.toString());
                fail(chunks, Status.FAILED_PRECONDITION, "module '" + request.getName() + "': " + e.getMessage());
            }
        });
    }

    private static void fail(ServerCallStreamObserver<ModuleChunk> chunks, Status status, String text) {
        if (!chunks.isCancelled()) {
            chunks.onError(status.withDescription(text).asRuntimeException());
        }
    }

    private void answer(GetModuleRequest request, ServerCallStreamObserver<ModuleChunk> chunks) throws IOException {
        Facts.Driver driver = drivers.get(request.getJob());
        Optional<Path> found = driver == null || !isName(request.getName())
                ? Optional.empty()
                : find(request.getName(), folders(driver));
        if (found.isEmpty()) {
            fail(chunks, Status.NOT_FOUND, "the driver has no module '" + request.getName() + "' of its own");
            return;
        }
        TreeMap<String, Path> files = files(request.getName(), found.get());
        Path archive = Files.createTempFile("pydron-module", ".zip");
        try {
            String hash = pack(files, archive);
            ModuleChunk.Builder first = ModuleChunk.newBuilder()
                    .setSha256(hash)
                    .setOrigin(found.get().getParent().toString());
            if (hash.equals(request.getHaveSha256())) {
                chunks.onNext(first.build());
            } else {
                send(archive, first, chunks);
            }
            if (!chunks.isCancelled()) {
                chunks.onCompleted();
            }
        } finally {
            Files.deleteIfExists(archive);
        }
    }

    /// As Python looks for it: the first folder that has a package, an extension or a file of that name; failing all
    /// of them, the first that has a folder of that name with code in it.
    private static Optional<Path> find(String name, List<Path> folders) throws IOException {
        for (Path folder : folders) {
            if (Files.isRegularFile(folder.resolve(name).resolve("__init__.py"))) {
                return Optional.of(folder.resolve(name));
            }
            try (Stream<Path> entries = Files.list(folder)) {
                Optional<Path> extension = entries.filter(it -> {
                            String file = it.getFileName().toString();
                            return file.startsWith(name + ".") && file.endsWith(".so");
                        })
                        .sorted()
                        .findFirst();
                if (extension.isPresent()) {
                    return extension;
                }
            }
            if (Files.isRegularFile(folder.resolve(name + ".py"))) {
                return Optional.of(folder.resolve(name + ".py"));
            }
        }
        for (Path folder : folders) {
            if (Files.isDirectory(folder.resolve(name))
                    && !files(name, folder.resolve(name)).isEmpty()) {
                return Optional.of(folder.resolve(name));
            }
        }
        return Optional.empty();
    }

    /// What belongs to a module, by its name in the archive. Of a folder that is no package only code: it may be
    /// anything, and large.
    private static TreeMap<String, Path> files(String name, Path module) throws IOException {
        TreeMap<String, Path> files = new TreeMap<>();
        if (Files.isRegularFile(module)) {
            files.put(module.getFileName().toString(), module);
            return files;
        }
        boolean all = Files.isRegularFile(module.resolve("__init__.py"));
        long[] bytes = new long[1];
        Files.walkFileTree(
                module, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                        String called = folder.getFileName().toString();
                        return called.equals("__pycache__") || called.startsWith(".")
                                ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                        String called = file.getFileName().toString();
                        boolean code = called.endsWith(".py") || called.endsWith(".so");
                        if (attributes.isRegularFile() && (code || all && !called.endsWith(".pyc"))) {
                            files.put(name + "/" + module.relativize(file), file);
                            bytes[0] += attributes.size();
                        }
                        if (bytes[0] > MOST_BYTES || files.size() > MOST_FILES) {
                            throw new IOException("the folder '" + module + "' has more than " + (MOST_BYTES >> 20)
                                    + " MB or " + MOST_FILES
                                    + " files, too much to be brought to other machines: keep data elsewhere");
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e) {
                        return FileVisitResult.CONTINUE; // a link to nowhere, or into itself
                    }
                });
        return files;
    }

    /// The same content gives the same bytes, whatever the files' times.
    private static String pack(Map<String, Path> files, Path archive) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
        try (OutputStream out = new DigestOutputStream(Files.newOutputStream(archive), digest);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, Path> file : files.entrySet()) {
                ZipEntry entry = new ZipEntry(file.getKey());
                entry.setTime(0);
                zip.putNextEntry(entry);
                Files.copy(file.getValue(), zip);
                zip.closeEntry();
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void send(Path archive, ModuleChunk.Builder first, ServerCallStreamObserver<ModuleChunk> chunks)
            throws IOException {
        ModuleChunk.Builder next = first;
        try (var in = Files.newInputStream(archive)) {
            for (byte[] data = in.readNBytes(CHUNK); data.length > 0; data = in.readNBytes(CHUNK)) {
                awaitReady(chunks);
                chunks.onNext(next.setData(ByteString.copyFrom(data)).build());
                next = ModuleChunk.newBuilder();
            }
        }
    }

    /// This thread has nothing else to do, and is not one that gRPC would miss.
    private static void awaitReady(ServerCallStreamObserver<ModuleChunk> chunks) throws IOException {
        try {
            while (!chunks.isReady()) {
                if (chunks.isCancelled()) {
                    throw new IOException("nobody waits for it any more");
                }
                Thread.sleep(2);
            }
        } catch (InterruptedException e) {
            throw new IOException("the scheduler ends", e);
        }
    }
}
