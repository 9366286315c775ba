package pydron.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildTest {
    @TempDir
    Path folder;

    private static final String NAME = Build.class.getName().replace('.', '/') + ".class";

    private static byte[] code() throws IOException {
        try (var in = Build.class.getClassLoader().getResourceAsStream(NAME)) {
            return in.readAllBytes();
        }
    }

    /// @param extra what another class is made of; empty: there is none
    private Path jar(String name, String comment, byte[] extra) throws IOException {
        Path jar = folder.resolve(name);
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.setComment(comment);
            put(zip, "META-INF/MANIFEST.MF", comment.getBytes());
            put(zip, NAME, code());
            if (extra.length > 0) {
                put(zip, "pydron/wire/Extra.class", extra);
            }
        }
        return jar;
    }

    private static void put(ZipOutputStream zip, String name, byte[] data) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(data);
        zip.closeEntry();
    }

    private static String of(Path place, Optional<Path> python) throws Exception {
        try (URLClassLoader loader = new URLClassLoader(new URL[] {place.toUri().toURL()}, null)) {
            return Build.of(List.of(loader.loadClass(Build.class.getName())), python);
        }
    }

    @Test
    void theSameCodeIsTheSameBuildHoweverItIsPacked() throws Exception {
        String jar = of(jar("a.jar", "one", new byte[0]), Optional.empty());
        assertThat(jar).matches("[0-9a-f]{12}");
        assertThat(of(jar("b.jar", "two", new byte[0]), Optional.empty())).isEqualTo(jar);
        Path file = folder.resolve("classes").resolve(NAME);
        Files.createDirectories(file.getParent());
        Files.write(file, code());
        assertThat(of(folder.resolve("classes"), Optional.empty())).isEqualTo(jar);
    }

    @Test
    void otherCodeIsAnotherBuild() throws Exception {
        Path jar = jar("a.jar", "", new byte[0]);
        String plain = of(jar, Optional.empty());
        assertThat(of(jar("b.jar", "", new byte[] {1}), Optional.empty())).isNotEqualTo(plain);

        Path python = Files.createDirectories(folder.resolve("pydron"));
        Files.writeString(python.resolve("_task.py"), "x = 1\n");
        String with = of(jar, Optional.of(python));
        assertThat(with).isNotEqualTo(plain);
        Files.createDirectories(python.resolve("__pycache__"));
        Files.write(python.resolve("__pycache__/_task.cpython-311.pyc"), new byte[] {1});
        assertThat(of(jar, Optional.of(python)))
                .as("what Python keeps for itself")
                .isEqualTo(with);
        Files.writeString(python.resolve("_task.py"), "x = 2\n");
        String other = of(jar, Optional.of(python));
        assertThat(other).isNotEqualTo(with);
        Files.move(python.resolve("_task.py"), python.resolve("_tusk.py"));
        assertThat(of(jar, Optional.of(python))).isNotEqualTo(other);
    }
}
