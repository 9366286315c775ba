package pydron.provision.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessFinderTest {
    private static final String LAB = """
            clouds:
              lab:
                auth:
                  auth_url: https://cloud.example.org:5000/v3
                  username: ada
                  password: sesame
                  project_name: stars
                  user_domain_name: Users
                  project_domain_id: p1
                region_name: north
                interface: internal
            """;

    @TempDir
    Path root;

    private final Map<String, String> variables = new HashMap<>();

    @BeforeEach
    void folders() throws IOException {
        for (String each : new String[] {"work", "home/.config/openstack", "etc/openstack", "etc/xdg/openstack"}) {
            Files.createDirectories(root.resolve(each));
        }
    }

    private Path write(String file, String text) throws IOException {
        return Files.writeString(root.resolve(file), text);
    }

    private Access find(String cloud) {
        return new AccessFinder(
                        new Surroundings(variables, root.resolve("work"), root.resolve("home"), root.resolve("etc")))
                .find(cloud);
    }

    private String mistakes(String cloud) {
        try {
            return "found " + find(cloud);
        } catch (BadAccess e) {
            return e.getMessage().replace(root.toString(), "");
        }
    }

    @Test
    void aPasswordOfACloudByName() throws IOException {
        Path file = write("work/clouds.yaml", LAB);
        assertThat(find("lab"))
                .isEqualTo(new Access(
                        "cloud 'lab' of " + file,
                        URI.create("https://cloud.example.org:5000/v3"),
                        new Access.Password(
                                new Access.Named("", "ada", "", "Users"),
                                "sesame",
                                new Access.Named("", "stars", "p1", "")),
                        new Access.Place("north", "internal"),
                        Optional.empty(),
                        Map.of()));
    }

    @Test
    void theFirstFileCounts() throws IOException {
        write("etc/openstack/clouds.yaml", LAB.replace("north", "system"));
        assertThat(find("lab").place().region()).isEqualTo("system");
        write("home/.config/openstack/clouds.yml", LAB.replace("north", "home"));
        assertThat(find("lab").place().region()).isEqualTo("home");
        write("work/clouds.yaml", LAB.replace("north", "work"));
        assertThat(find("lab").place().region()).isEqualTo("work");
        variables.put("OS_CLIENT_CONFIG_FILE", "~/own.yaml");
        write("home/own.yaml", LAB.replace("north", "named"));
        assertThat(find("lab").place().region()).isEqualTo("named");
    }

    @Test
    void aNamedFileThatIsNotThereIsAMistake() throws IOException {
        write("work/clouds.yaml", LAB);
        variables.put("OS_CLIENT_CONFIG_FILE", "/none.yaml");
        assertThat(mistakes("lab")).isEqualTo("OS_CLIENT_CONFIG_FILE: there is no file /none.yaml");
    }

    @Test
    void secretsMayBeInAFileOfTheirOwn() throws IOException {
        write("work/clouds.yaml", LAB.replace("      password: sesame\n", ""));
        assertThat(mistakes("lab")).isEqualTo("/work/clouds.yaml:4: clouds.lab.auth.password: is missing");
        write("home/.config/openstack/secure.yaml", "clouds: {lab: {auth: {password: '0123'}}}");
        assertThat(find("lab").credential()).isInstanceOfSatisfying(Access.Password.class, it -> {
            assertThat(it.password()).isEqualTo("0123");
            assertThat(it.user().name()).isEqualTo("ada");
        });
    }

    @Test
    void aPasswordMayBeAVariable() throws IOException {
        write("work/clouds.yaml", LAB.replace("      password: sesame\n", ""));
        variables.put("OS_PASSWORD", "from outside");
        assertThat(find("lab").credential())
                .isInstanceOfSatisfying(
                        Access.Password.class, it -> assertThat(it.password()).isEqualTo("from outside"));
    }

    @Test
    void aPasswordIsAsItIsWritten() throws IOException {
        write("work/clouds.yaml", LAB.replace("sesame", "0x1F"));
        assertThat(find("lab").credential())
                .isInstanceOfSatisfying(
                        Access.Password.class, it -> assertThat(it.password()).isEqualTo("0x1F"));
    }

    @Test
    void applicationCredentials() throws IOException {
        write("work/clouds.yaml", """
                clouds:
                  lab:
                    auth_type: v3applicationcredential
                    auth:
                      auth_url: http://127.0.0.1/identity/
                      application_credential_id: abc
                      application_credential_secret: xyz
                """);
        Access access = find("lab");
        assertThat(access.identity()).isEqualTo(URI.create("http://127.0.0.1/identity/v3"));
        assertThat(access.credential()).isEqualTo(new Access.ApplicationCredential("abc", "", Optional.empty(), "xyz"));
    }

    @Test
    void anApplicationCredentialByNameNeedsItsUser() throws IOException {
        write("work/clouds.yaml", """
                clouds:
                  lab:
                    auth:
                      auth_url: http://127.0.0.1
                      application_credential_name: mine
                      application_credential_secret: xyz
                """);
        assertThat(mistakes("lab")).isEqualTo("/work/clouds.yaml:4: clouds.lab.auth.username: is missing (or user_id)");
    }

    @Test
    void theVersionOfIdentityIsMended() throws IOException {
        for (String written : new String[] {"", "/", "/v3", "/v3/", "/v2.0", "/v2.0/"}) {
            write("work/clouds.yaml", LAB.replace(":5000/v3", ":5000" + written));
            assertThat(find("lab").identity()).isEqualTo(URI.create("https://cloud.example.org:5000/v3"));
        }
    }

    @Test
    void variables() {
        variables.putAll(Map.of(
                "OS_AUTH_URL", "http://127.0.0.1:5000",
                "OS_USERNAME", "ada",
                "OS_PASSWORD", "sesame",
                "OS_PROJECT_NAME", "stars",
                "OS_REGION_NAME", "north",
                "OS_COMPUTE_ENDPOINT_OVERRIDE", "http://127.0.0.1:1/v2.1"));
        Access access = find("");
        assertThat(access.origin()).isEqualTo("the variables OS_*");
        assertThat(access.credential())
                .isEqualTo(new Access.Password(
                        new Access.Named("", "ada", "default", ""),
                        "sesame",
                        new Access.Named("", "stars", "default", "")));
        assertThat(access.endpoints()).isEqualTo(Map.of("compute", URI.create("http://127.0.0.1:1/v2.1")));
    }

    @Test
    void aVariableNamesTheCloud() throws IOException {
        write("work/clouds.yaml", LAB);
        variables.put("OS_CLOUD", "lab");
        assertThat(find("").place().region()).isEqualTo("north");
    }

    @Test
    void allMistakesAtOnceEachWithLineAndKey() throws IOException {
        write("work/clouds.yaml", """
                clouds:
                  lab:
                    identity_api_version: 2
                    interface: open
                    verify: no
                    cacert: ca.pem
                    auth:
                      auth_url: cloud.example.org
                      username: [ada]
                      project_name:
                """);
        assertThat(mistakes("lab").lines())
                .containsExactlyInAnyOrder(
                        "/work/clouds.yaml:8: clouds.lab.auth.auth_url: must be an address like https://cloud.example.org:5000/v3",
                        "/work/clouds.yaml:9: clouds.lab.auth.username: must be a text",
                        "/work/clouds.yaml:9: clouds.lab.auth.username: is missing (or user_id)",
                        "/work/clouds.yaml:10: clouds.lab.auth.project_name: is missing (or project_id)",
                        "/work/clouds.yaml:8: clouds.lab.auth.password: is missing",
                        "/work/clouds.yaml:4: clouds.lab.interface: must be public, internal or admin, not 'open'",
                        "/work/clouds.yaml:5: clouds.lab.verify: false is not supported: give the authority's certificate with cacert",
                        "/work/clouds.yaml:6: clouds.lab.cacert: there is no readable file /work/ca.pem",
                        "/work/clouds.yaml:3: clouds.lab.identity_api_version: must be 3, not '2'");
    }

    @Test
    void whatIsNotThere() throws IOException {
        assertThat(mistakes("")).startsWith("OS_AUTH_URL: is not set, and no cloud is named");
        assertThat(mistakes("lab"))
                .startsWith("cloud 'lab': there is no clouds.yaml in /work, /home/.config/openstack");
        write("work/clouds.yaml", LAB);
        assertThat(mistakes("other"))
                .isEqualTo("/work/clouds.yaml: has no cloud 'other' under 'clouds'; there are: lab");
        write("work/clouds.yaml", "");
        assertThat(mistakes("lab")).isEqualTo("/work/clouds.yaml: has no cloud 'lab' under 'clouds'; there are: none");
    }

    @Test
    void otherKindsOfCredentials() throws IOException {
        write("work/clouds.yaml", LAB + "    auth_type: v3oidcpassword\n");
        assertThat(mistakes("lab"))
                .startsWith("/work/clouds.yaml:12: clouds.lab.auth_type: 'v3oidcpassword' is not supported: use");
    }

    @Test
    void profilesAreInAFileOrAMistake() throws IOException {
        write("work/clouds.yaml", """
                clouds:
                  lab:
                    profile: star
                    auth: {username: a, password: b, project_id: c}
                """);
        assertThat(mistakes("lab")).startsWith("/work/clouds.yaml:3: clouds.lab.profile: 'star' is in no");
        write("work/clouds-public.yaml", "public-clouds: {star: {auth: {auth_url: 'http://star'}, region_name: west}}");
        assertThat(find("lab").identity()).isEqualTo(URI.create("http://star/v3"));
        assertThat(find("lab").place().region()).isEqualTo("west");
    }

    @Test
    void anchorsAndMerges() throws IOException {
        write("work/clouds.yaml", """
                common: &common
                  region_name: north
                  auth: &auth {auth_url: 'http://star', username: a, password: b, project_id: c}
                clouds:
                  one: *common
                  two:
                    <<: *common
                    region_name: south
                    auth:
                      <<: [*auth]
                      username: z
                """);
        assertThat(find("one").place().region()).isEqualTo("north");
        assertThat(find("two").place().region()).isEqualTo("south");
        assertThat(find("two").credential().who()).contains("'z'");
    }

    @Test
    void regionsAsAList() throws IOException {
        String without = LAB.replace("    region_name: north\n", "");
        write("work/clouds.yaml", without + "    regions: [east, west]\n");
        assertThat(find("lab").place().region()).isEqualTo("east");
        write("work/clouds.yaml", without + "    regions:\n    - name: first\n");
        assertThat(find("lab").place().region()).isEqualTo("first");
    }

    @Test
    void hostileFilesDoNoHarm() throws IOException {
        Map<String, String> files = new HashMap<>();
        files.put("clouds: !!javax.script.ScriptEngineManager []", "has a tag");
        files.put("clouds: !!python/object/apply:os.system [id]", "has a tag");
        files.put("clouds: !mine {}", "has a tag");
        files.put("clouds: &a [*a]", "/work/clouds.yaml:1");
        files.put("clouds: &a {lab: *a}", "/work/clouds.yaml:1");
        files.put("[".repeat(100_000), "nested deeper than 40");
        files.put("a: ".repeat(100_000), "is no YAML");
        files.put("{".repeat(500) + "}".repeat(500), "nested deeper than 40");
        files.put("clouds: {lab: {}, lab: {}}", "key 'lab' is there twice");
        files.put("clouds: {? [a] : b}", "is no YAML");
        files.put("clouds: \u0007", "is no YAML");
        files.put("clouds: {lab: {<<: text}}", "'<<' needs maps");
        files.put("a: 1\n---\nb: 2\n", "is no YAML");
        files.put("clouds: [lab]", "/work/clouds.yaml:1: clouds: must be a map");
        files.put("just a text", "must be a map with the key 'clouds'");
        for (Map.Entry<String, String> each : files.entrySet()) {
            write("work/clouds.yaml", each.getKey());
            assertThat(mistakes("lab"))
                    .as(each.getKey().substring(0, Math.min(60, each.getKey().length())))
                    .startsWith("/work/clouds.yaml")
                    .contains(each.getValue());
        }
    }

    @Test
    void aliasesThatGrowDoNot() throws IOException {
        StringBuilder bomb = new StringBuilder("x0: &x0 [a, a]\n");
        for (int i = 1; i < 40; i++) {
            bomb.append("x%d: &x%d [*x%d, *x%d]%n".formatted(i, i, i - 1, i - 1));
        }
        write("work/clouds.yaml", bomb + LAB);
        long begin = System.nanoTime();
        assertThat(mistakes("lab")).startsWith("found");
        write(
                "work/clouds.yaml",
                bomb.toString().replace("[", "{a: ").replace(", ", ", b: ").replace("]", "}") + LAB);
        assertThat(mistakes("lab")).startsWith("found");
        assertThat(System.nanoTime() - begin).isLessThan(5_000_000_000L);
    }

    @Test
    void largeFilesAndNoText() throws IOException {
        write("work/clouds.yaml", "# " + "x".repeat(1 << 20));
        assertThat(mistakes("lab")).isEqualTo("/work/clouds.yaml: is larger than 1 MiB");
        Files.write(root.resolve("work/clouds.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertThat(mistakes("lab")).isEqualTo("/work/clouds.yaml: is not UTF-8 text");
    }

    @Test
    void nothingSecretIsInTexts() throws IOException {
        write("work/clouds.yaml", LAB);
        assertThat(find("lab").toString()).contains("ada").doesNotContain("sesame");
        variables.put("OS_PASSWORD", "hidden");
        assertThat(new Surroundings(variables, root, root, root).toString()).doesNotContain("hidden");
        write("work/clouds.yaml", LAB.replace("password: sesame", "password: [sesame]"));
        assertThat(mistakes("lab")).contains("password: must be a text").doesNotContain("sesame");
        write("work/clouds.yaml", LAB.replace("password: sesame", "password: {sesame: ]"));
        assertThatThrownBy(() -> find("lab")).hasMessageNotContaining("sesame");
    }
}
