package pydron.cli.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.cli.CommandFailure;

/// The words about settings, and what becomes of the file.
class ConfigurationTest {
    @TempDir
    Path folder;

    private final StringWriter said = new StringWriter();
    private final PrintWriter out = new PrintWriter(said, true);
    private Places places;

    @BeforeEach
    void place() {
        places = new Places(folder.resolve("conf/pydron.toml"), folder.resolve("state"));
    }

    private void settings(String text) throws IOException {
        Files.createDirectories(places.settings().getParent());
        Files.writeString(places.settings(), text);
    }

    private String settings() throws IOException {
        return Files.readString(places.settings());
    }

    @Test
    void mistakesAreNamedWithLineAndKey() throws IOException {
        settings("[limits]\nmax-instances = -1\n\n[cloud.a]\nkind = \"azure\"\n");
        assertThat(new Configuration(places, out).check()).isEqualTo(125);
        assertThat(said.toString())
                .isEqualTo(
                        places.settings()
                                + ": line 2, limits.max-instances: must be a whole number of at least 0, is -1\n"
                                + places.settings()
                                + ": line 5, cloud.a.kind: must be \"aws\", \"openstack\", \"ssh\" or \"local\", is \"azure\"\n");
    }

    @Test
    void whatIsFineAndCannotStartSaysSo() throws IOException {
        settings("[cloud.a]\nkind = \"local\"\n");
        assertThat(new Configuration(places, out).check()).isZero();
        assertThat(said.toString())
                .contains("is fine: 1 cloud, 0 pools", "nothing can start on 'a': cloud 'a' has no pool");
    }

    @Test
    void commentsAndOrderStay() throws IOException {
        settings("""
                # mine
                [limits]   # never more
                budget = 5     # euros
                idle = "5m"

                [cloud.here]
                kind = "local"
                """);
        new Configuration(places, out).setLimits(Map.of("budget", "7.5"));
        new Configuration(places, out).setLimits(Map.of("idle", "\"2m\""));
        new Configuration(places, out).setLimits(Map.of("max-cores", "8"));
        assertThat(settings()).isEqualTo("""
                # mine
                [limits]   # never more
                budget = 7.5     # euros
                idle = "2m"
                max-cores = 8

                [cloud.here]
                kind = "local"
                """);
        assertThat(said.toString()).contains("max-cores             8         of all instances\n");
    }

    @Test
    void aFileThatIsNotThereIsMade() throws IOException {
        new Configuration(places, out).setLimits(Map.of("max-instances", "4"));
        assertThat(settings()).isEqualTo("[limits]\nmax-instances = 4\n");
    }

    /// The editor does not know this form: nothing is written.
    @Test
    void whatWouldHaveMistakesIsNotWritten() throws IOException {
        settings("limits = { budget = 5 }\n");
        assertThatThrownBy(() -> new Configuration(places, out).setLimits(Map.of("budget", "7")))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("they would have mistakes");
        assertThat(settings()).isEqualTo("limits = { budget = 5 }\n");
    }

    @Test
    void aCloudIsAddedWithPoolsAndNeverTwice() throws IOException {
        CloudSetup setup = new CloudSetup(places, out);
        assertThat(setup.add("local", "here", Map.of("max-processes", List.of("2"))))
                .isZero();
        assertThat(settings())
                .startsWith("[cloud.here]\nkind = \"local\"\nmax-processes = 2\n\n[[pool]]\nname = \"here-process\"\n"
                        + "cloud = \"here\"\ntype = \"process\"\n");
        String before = settings();
        assertThatThrownBy(() -> setup.add("local", "here", Map.of()))
                .isInstanceOf(CommandFailure.class)
                .hasMessageStartingWith("there is a cloud 'here' already");
        assertThat(settings()).isEqualTo(before);
        said.getBuffer().setLength(0);
        assertThat(setup.test("here")).isEqualTo(125);
        assertThat(said.toString())
                .contains("ok   processes  0 of at most 2 instances run on this machine")
                .contains("bad  settings   the limits allow no instance; 'pydron limits set");
    }

    @Test
    void anUnknownCloudIsNamedWithTheKnownOnes() throws IOException {
        settings("[cloud.here]\nkind = \"local\"\n");
        assertThatThrownBy(() -> new CloudSetup(places, out).test("aws"))
                .hasMessage("there is no cloud 'aws', known are 'here'; 'pydron cloud add' adds one");
    }

    @Test
    void theOriginalsWorkersAreConverted() throws IOException {
        Path old = folder.resolve("pydron.conf");
        Files.writeString(old, """
                {"workers": [
                  {"type": "multicore", "cores": 4},
                  {"type": "ssh", "hostname": "one.example", "username": "ada", "password": "secret", "cores": 2},
                  {"type": "cloud", "provider": "ec2_eu_west", "accesskeyid": "AK", "accesskey": "secret",
                   "imageid": "ami-1", "sizeid": "t2.micro", "username": "ubuntu", "cores": 1}]}
                """);
        String text = OldConfiguration.convert(old.toString(), Map.of());
        assertThat(text)
                .contains("pydron run --slots 4 script.py", "hosts = [\"ada@one.example\"]", "image = \"ami-1\"")
                .doesNotContain("secret", "AK");
        settings(text);
        assertThat(new Configuration(places, out).check()).isZero();
    }

    @Test
    void whatIsNoOldConfiguration() throws IOException {
        Path old = folder.resolve("pydron.conf");
        for (String bad : List.of("[]", "{}", "{\"workers\": [1]}", "{\"workers\": [{\"type\": \"mpi\"}]}", "{")) {
            Files.writeString(old, bad);
            assertThatThrownBy(() -> OldConfiguration.convert(old.toString(), Map.of()))
                    .isInstanceOf(CommandFailure.class)
                    .hasMessageStartingWith("'" + old + "' is no pydron.conf: ");
        }
    }
}
