package pydron.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// Which build this is: two builds of one version may speak otherwise, or pickle otherwise. It is told from the
/// code that runs, so nobody has to remember to say that it has changed; the same sources make the same build.
public final class Build {
    private static final int SHOWN = 12;

    private Build() {}

    /// @param parts a class of each jar, or folder of classes, that counts
    /// @param python the folder of the package pydron, if there is one that counts
    /// @return 12 hexadecimal digits
    /// @throws UncheckedIOException when the code cannot be read
    public static String of(List<Class<?>> parts, Optional<Path> python) {
        try {
            Map<String, byte[]> digests = new TreeMap<>();
            for (Class<?> part : parts) {
                Path code = Path.of(
                        part.getProtectionDomain().getCodeSource().getLocation().toURI());
                if (Files.isDirectory(code)) {
                    folder(code, ".class", "java/", digests);
                } else {
                    jar(code, digests);
                }
            }
            if (python.isPresent()) {
                folder(python.get(), ".py", "python/", digests);
            }
            MessageDigest all = sha256();
            digests.forEach((name, digest) -> {
                all.update((name + "\n").getBytes(StandardCharsets.UTF_8));
                all.update(digest);
            });
            return HexFormat.of().formatHex(all.digest()).substring(0, SHOWN);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("a class comes from no place", e);
        }
    }

    private static void folder(Path folder, String suffix, String prefix, Map<String, byte[]> digests)
            throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(it -> it.toString().endsWith(suffix)).toList()) {
                try (InputStream in = Files.newInputStream(file)) {
                    digests.put(prefix + folder.relativize(file), digest(in));
                }
            }
        }
    }

    private static void jar(Path jar, Map<String, byte[]> digests) throws IOException {
        try (ZipFile file = new ZipFile(jar.toFile())) {
            Enumeration<? extends ZipEntry> entries = file.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                if (entry.getName().endsWith(".class")) {
                    try (InputStream in = file.getInputStream(entry)) {
                        digests.put("java/" + entry.getName(), digest(in));
                    }
                }
            }
        }
    }

    private static byte[] digest(InputStream in) throws IOException {
        return sha256().digest(in.readAllBytes());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
