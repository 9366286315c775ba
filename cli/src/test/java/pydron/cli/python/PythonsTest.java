package pydron.cli.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;

/// With the real Python of this machine, and with shell scripts that claim to be others.
class PythonsTest {
    @TempDir
    Path folder;

    private Path home;
    private Map<String, String> environment;

    @BeforeEach
    void makeHome() throws IOException {
        home = Files.createDirectory(folder.resolve("home"));
        Files.createDirectory(folder.resolve("bin"));
        environment = new HashMap<>(System.getenv());
        environment.remove("VIRTUAL_ENV");
        environment.remove("PYTHONPATH");
    }

    private Pythons pythons() {
        return new Pythons(environment, Optional.of(home));
    }

    private Path script(String name, String text) throws IOException {
        Path file = folder.resolve("bin").resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }

    private Path claiming(String version) throws IOException {
        return script("python3", "printf 'pydron-probe\\n/x/python\\n" + version + "\\n/x/cloudpickle\\n'\n");
    }

    private static ExitCode exitCode(Throwable failure) {
        return ((CommandFailure) failure).exitCode();
    }

    @Test
    void theOneOnThePathIsFoundWithItsPackages() {
        Python python = pythons().find(Optional.empty());
        assertThat(python.version()).startsWith("3.");
        assertThat(Path.of(python.executable())).isExecutable();
        assertThat(python.path().getFirst()).isEqualTo(home.resolve("python").toString());
    }

    @Test
    void anActiveVirtualEnvironmentComesFirst() throws IOException {
        Path venv = Files.createDirectories(folder.resolve("venv/bin"));
        Path python = Files.copy(claiming("3.11.0"), venv.resolve("python"));
        Files.setPosixFilePermissions(python, PosixFilePermissions.fromString("rwxr-xr-x"));
        environment.put("VIRTUAL_ENV", folder.resolve("venv").toString());
        assertThat(pythons().locate(Optional.empty())).isEqualTo(python);
    }

    @Test
    void tooOld() throws IOException {
        Path old = claiming("3.8.10");
        assertThatThrownBy(() -> pythons().find(Optional.of(old.toString())))
                .hasMessage("cannot use Python '" + old + "': it is version 3.8.10, Pydron needs 3.9 or newer")
                .satisfies(failure -> assertThat(exitCode(failure)).isEqualTo(ExitCode.UNUSABLE));
    }

    @Test
    void notAPython() throws IOException {
        Path other = script("ls", "echo bin lib\n");
        assertThatThrownBy(() -> pythons().find(Optional.of(other.toString())))
                .hasMessage("cannot use Python '" + other + "': it does not run, or is not a Python");
    }

    @Test
    void absent() {
        assertThatThrownBy(() -> pythons().find(Optional.of("python3.99")))
                .hasMessage("cannot find Python 'python3.99' on the PATH")
                .satisfies(failure -> assertThat(exitCode(failure)).isEqualTo(ExitCode.NOT_FOUND));
        assertThatThrownBy(() -> pythons().find(Optional.of("/no/python")))
                .hasMessage("cannot find Python '/no/python': no such executable file");
        environment.put("PATH", folder.toString());
        assertThatThrownBy(() -> pythons().find(Optional.empty()))
                .hasMessage("cannot find Python: neither 'python3' nor 'python' is on the PATH");
    }

    /// A real interpreter that has no cloudpickle, as a fresh Debian's.
    private String bare() throws Exception {
        Path venv = folder.resolve("bare");
        String python = pythons().locate(Optional.empty()).toString();
        Process process = new ProcessBuilder(python, "-m", "venv", "--without-pip", venv.toString())
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isZero();
        return venv.resolve("bin/python").toString();
    }

    @Test
    void cloudpickleThatCannotBeFetched() throws Exception {
        String python = bare();
        environment.put("PATH", folder.resolve("bin").toString());
        assertThatThrownBy(() -> pythons().find(Optional.of(python)))
                .hasMessageStartingWith(
                        "cannot use Python '" + python + "': it has no package cloudpickle, and fetching it failed: ")
                .satisfies(failure -> assertThat(((CommandFailure) failure).advice())
                        .contains("Install it for that Python: " + python + " -m pip install cloudpickle"))
                .satisfies(failure -> assertThat(exitCode(failure)).isEqualTo(ExitCode.UNUSABLE));
        try (var left = Files.list(home.resolve("build"))) {
            assertThat(left.map(file -> file.getFileName().toString())).containsOnly("pydeps.lock", "pythons");
        }
    }

    @Test
    void cloudpickleIsFetchedOnceAndOnlyForThoseWithout() throws Exception {
        String python = bare();
        Path pip = Files.createDirectories(folder.resolve("modules/pip"));
        Files.writeString(pip.resolve("__main__.py"), """
                import os, sys
                target = os.path.join(sys.argv[sys.argv.index("--target") + 1], "cloudpickle")
                os.makedirs(target)
                open(os.path.join(target, "__init__.py"), "w").close()
                """);
        environment.put("PYTHONPATH", folder.resolve("modules").toString());
        Python found = pythons().find(Optional.of(python));
        assertThat(found.path())
                .isEqualTo(List.of(
                        home.resolve("python").toString(),
                        home.resolve("build/pydeps").toString()));
        Files.delete(pip.resolve("__main__.py"));
        assertThat(pythons().find(Optional.of(python))).isEqualTo(found);
    }

    @Test
    void whatWasAskedOnceIsRemembered() throws IOException {
        // Not a script, so that it may be remembered; it is this machine's Python under another name.
        Path real = Path.of(pythons().find(Optional.empty()).executable()).toRealPath();
        Path link = Files.createSymbolicLink(folder.resolve("bin/mypython"), real);
        pythons().find(Optional.of(link.toString()));
        Optional<Probe> remembered = new ProbeCache(home.resolve("build/pythons"), Map.copyOf(environment)).get(link);
        assertThat(remembered).isPresent();
        environment.put("PYTHONHOME", "/elsewhere");
        assertThat(new ProbeCache(home.resolve("build/pythons"), Map.copyOf(environment)).get(link))
                .isEmpty();
    }

    @Test
    void pathsAreJoinedInOrder() {
        Python python = new Python("/x/python", "3.11.0", List.of("/a", "/b"));
        assertThat(python.pythonPath(null)).isEqualTo("/a:/b");
        assertThat(python.pythonPath("/c")).isEqualTo("/a:/b:/c");
        assertThat(new Python("/x/python", "3.11.0", List.of()).pythonPath("/c"))
                .isEqualTo("/c");
    }
}
