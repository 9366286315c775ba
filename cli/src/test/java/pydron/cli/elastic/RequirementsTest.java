package pydron.cli.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequirementsTest {
    @TempDir
    Path folder;

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private Requirements.Found read(String text) throws IOException {
        return Requirements.of(write("requirements.txt", text), Map.of()).orElseThrow();
    }

    private void refused(String text, String... words) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(words);
    }

    @Test
    void filesThatAreIncludedArePutIn() throws IOException {
        write("more/base.txt", "numpy>=1.26  # arrays\n-c pins.txt\n-r ../requirements.txt\n");
        write("more/pins.txt", "scipy==1.12\n");
        Requirements.Found found = read(
                "# what we need\n\n-rmore/base.txt\nscipy ; python_version >= '3.9'\n"
                        + "a==1 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n--extra-index-url https://example.org/simple\n");
        assertThat(found.requirements())
                .isEqualTo("numpy>=1.26  # arrays\nscipy ; python_version >= '3.9'\n"
                        + "a==1 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n"
                        + "--extra-index-url https://example.org/simple\n");
        assertThat(found.constraints()).isEqualTo("scipy==1.12\n");
        assertThat(found.notes()).isEmpty();
    }

    @Test
    void pipsSettingsHereBecomeOptionsThere() throws IOException {
        write("pins.txt", "six<2\n");
        Requirements.Found found = Requirements.of(
                        write("requirements.txt", "six\n"),
                        Map.of(
                                "PIP_INDEX_URL", "https://user:secret@example.org/simple",
                                "PIP_FIND_LINKS", "/wheels  https://example.org/wheels",
                                "PIP_NO_INDEX", "1",
                                "PIP_PRE", "false",
                                "PIP_CONSTRAINT", folder.resolve("pins.txt").toString(),
                                "PIP_TARGET", "/elsewhere"))
                .orElseThrow();
        assertThat(found.requirements())
                .isEqualTo("--find-links /wheels\n--find-links https://example.org/wheels\n"
                        + "--index-url https://user:secret@example.org/simple\n--no-index\nsix\n");
        assertThat(found.constraints()).isEqualTo("six<2\n");
    }

    @Test
    void whatIsOnlyHereIsLeftOutOrRefused() throws IOException {
        Requirements.Found found = read("-e .\n./lib\nsix\n-e git+https://example.org/x.git#egg=x\n");
        assertThat(found.requirements()).isEqualTo("six\n-e git+https://example.org/x.git#egg=x\n");
        assertThat(found.notes()).hasSize(2).allMatch(it -> it.contains("only on this machine"));
        assertThat(found.notes().getFirst()).contains("requirements.txt', line 1: '-e .'");
        refused("six\nwheels/six-1.0-py3-none-any.whl\n", "line 2", "a file of this machine", "--find-links");
        refused("six @ file:///home/me/six\n", "line 1", "a file of this machine");
        refused("-r missing.txt\n", "line 1: cannot read", "missing.txt");
        refused("six\0\n", "is no text");
    }

    @Test
    void aProjectsDependenciesAreRead() throws IOException {
        Path file = write(
                "pyproject.toml",
                "[project]\nname = 'x'\ndependencies = ['numpy>=1.26', 'six[a]; os_name == \"posix\"']\n");
        assertThat(Requirements.of(file, Map.of()).orElseThrow().requirements())
                .isEqualTo("numpy>=1.26\nsix[a]; os_name == \"posix\"\n");
        write("pyproject.toml", "[tool.ruff]\nline-length = 100\n");
        assertThat(Requirements.beside(folder, Map.of())).isEmpty();
        write("pyproject.toml", "[project]\ndynamic = ['dependencies']\n");
        assertThat(Requirements.beside(folder, Map.of()).orElseThrow().notes().getFirst())
                .contains("dynamic", "--requirements");
        write("pyproject.toml", "[tool.poetry.dependencies]\nnumpy = '*'\n");
        assertThat(Requirements.beside(folder, Map.of()).orElseThrow().notes().getFirst())
                .contains("Poetry");
        write("pyproject.toml", "[project]\ndependencies = [1]\n");
        assertThatThrownBy(() -> Requirements.beside(folder, Map.of()))
                .hasMessageContaining("line 2: a dependency is a text");
        write("pyproject.toml", "[project\n");
        assertThatThrownBy(() -> Requirements.beside(folder, Map.of())).hasMessageContaining("line 1");
        // A requirements file comes first, unless it requires nothing.
        write("pyproject.toml", "[project]\ndependencies = ['six']\n");
        write("requirements.txt", "# none\n");
        assertThat(Requirements.beside(folder, Map.of()).orElseThrow().file()).endsWith("pyproject.toml");
    }
}
