package pydron.wire;

import java.io.IOException;
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
import java.util.zip.CRC32;
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
            Map<String, Long> sums = new TreeMap<>();
            for (Class<?> part : parts) {
                Path code = Path.of(
                        part.getProtectionDomain().getCodeSource().getLocation().toURI());
                if (Files.isDirectory(code)) {
                    folder(code, ".class", "java/", sums);
                } else {
                    jar(code, sums);
                }
            }
            if (python.isPresent()) {
                folder(python.get(), ".py", "python/", sums);
            }
            MessageDigest all = sha256();
            sums.forEach((name, sum) -> all.update((name + " " + sum + "\n").getBytes(StandardCharsets.UTF_8)));
            return HexFormat.of().formatHex(all.digest()).substring(0, SHOWN);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("a class comes from no place", e);
        }
    }

    private static void folder(Path folder, String suffix, String prefix, Map<String, Long> sums) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(it -> it.toString().endsWith(suffix)).toList()) {
                CRC32 sum = new CRC32();
                sum.update(Files.readAllBytes(file));
                sums.put(prefix + folder.relativize(file), sum.getValue());
            }
        }
    }

    /// The checksums are in the jar already: reading it all would cost a worker's start a fifth of a second.
    private static void jar(Path jar, Map<String, Long> sums) throws IOException {
        try (ZipFile file = new ZipFile(jar.toFile())) {
            Enumeration<? extends ZipEntry> entries = file.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                if (entry.getName().endsWith(".class")) {
                    sums.put("java/" + entry.getName(), entry.getCrc());
                }
            }
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
