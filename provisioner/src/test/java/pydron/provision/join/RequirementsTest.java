package pydron.provision.join;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.provision.cloud.LaunchRequest;
import pydron.provision.cloud.Listing;
import pydron.provision.guests.Guests;
import pydron.provision.model.Claim;
import pydron.provision.model.Machine;
import pydron.provision.model.Pool;
import pydron.provision.model.Thing;
import pydron.provision.ssh.Hosts;
import pydron.provision.ssh.SshCloud;

/// What programs require, installed on a host of the user's own that has a bare Python: no pip, no `ensurepip`. Its
/// package index is a folder.
@Tag("guests")
class RequirementsTest {
    private static final Duration LEASE = Duration.ofMinutes(5);
    private static final String INDEX = "--no-index\n--find-links /wheels\n";

    @TempDir
    Path folder;

    private Installation installation;
    private Hosts hosts;
    private Guests.Guest host;
    private SshCloud cloud;

    @BeforeEach
    void open() throws Exception {
        installation = new Installation(folder);
        hosts = new Hosts(folder, 1);
        host = hosts.machines.getFirst();
        cloud = SshCloud.open(
                "hosts", "ours-0001", hosts.names(), Optional.of(hosts.identity), Optional.of(hosts.config));
        wheel("1", "pale");
        wheel("2", "dark");
    }

    @AfterEach
    void close() throws Exception {
        hosts.close();
        installation.close();
    }

    private void wheel(String version, String tone) throws IOException {
        String about = "shade-" + version + ".dist-info/";
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            Map.of(
                            "shade.py",
                            "TONE = '" + tone + "'\n",
                            about + "METADATA",
                            "Metadata-Version: 2.1\nName: shade\nVersion: " + version + "\n",
                            about + "WHEEL",
                            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
                            about + "RECORD",
                            "shade.py,,\n" + about + "METADATA,,\n" + about + "WHEEL,,\n" + about + "RECORD,,\n")
                    .forEach((name, text) -> {
                        try {
                            zip.putNextEntry(new ZipEntry(name));
                            zip.write(text.getBytes(StandardCharsets.UTF_8));
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    });
        }
        String file = "/wheels/shade-" + version + "-py3-none-any.whl";
        host.run("mkdir -p /wheels && echo " + Base64.getEncoder().encodeToString(bytes.toByteArray())
                + " | base64 -d > " + file + " && chmod -R a+rX /wheels");
    }

    private Claim start(String name) {
        Claim claim = Installation.claim(name);
        Pool pool = new Pool(
                "hosts",
                new Machine("hosts", SshCloud.TYPE, ""),
                claim.pool().size(),
                claim.pool().price(),
                Duration.ofSeconds(10));
        cloud.start(new LaunchRequest(claim.id(), pool, LEASE, installation.userData(claim, LEASE)));
        Thing thing = ((Listing.Seen) cloud.list()).things().getFirst();
        installation.joining().reach(Map.of(claim.id(), thing.addresses()));
        installation.awaitWorker(claim);
        return claim;
    }

    private void end() {
        Thing thing = ((Listing.Seen) cloud.list()).things().getFirst();
        cloud.remove(thing.kind(), thing.id());
        installation.joining().reach(Map.of());
    }

    private Process script(String requirements) throws IOException {
        Path project = Files.createDirectories(folder.resolve("project"));
        Files.createDirectories(project.resolve("tones/data"));
        Files.writeString(project.resolve("tones/__init__.py"), "from .reading import reading\n");
        Files.writeString(project.resolve("tones/data/of.txt"), "tone of");
        Files.writeString(project.resolve("tones/reading.py"), """
                import pathlib
                def reading():
                    import shade
                    return (pathlib.Path(__file__).parent / "data" / "of.txt").read_text(), shade.TONE
                """);
        Path script = Files.writeString(project.resolve("script.py"), """
                import pydron
                import tones

                @pydron.functional
                def ask(n):
                    return tones.reading()

                @pydron.schedule
                def main():
                    found = set()
                    for n in range(4):
                        found.add(ask(n))
                    return sorted(found)

                print(main())
                """);
        Path text = Files.createTempFile(folder, "requirements", "");
        Files.writeString(text, requirements);
        return installation.script(script, Map.of("PYDRON_REQUIREMENTS", text.toString()));
    }

    @Test
    void aHostInstallsOnceAndItsNextInstanceFindsItThere() throws Exception {
        start("claim-1");
        Process first = script(INDEX + "shade==1\n");
        Process second = script(INDEX + "shade\n\0shade!=1\n");
        assertThat(Installation.output(first)).isEqualTo("[('tone of', 'pale')]\n");
        assertThat(Installation.output(second)).isEqualTo("[('tone of', 'dark')]\n");
        String made = host.run("ls -di ~me/.pydron/environments/3.*/bin");
        assertThat(made.lines()).hasSize(2);
        end();
        // As a crash leaves it: begun, and not complete. It is made again.
        host.run("rm $(dirname \"$(grep -l \"'dark'\" ~me/.pydron/environments/3.*/lib/python3*/site-packages/shade.py"
                + ")\")/../../../complete");
        start("claim-2");
        assertThat(Installation.output(script(INDEX + "shade==1\n"))).isEqualTo("[('tone of', 'pale')]\n");
        assertThat(Installation.output(script(INDEX + "shade\n\0shade!=1\n"))).isEqualTo("[('tone of', 'dark')]\n");
        List<String> now =
                host.run("ls -di ~me/.pydron/environments/3.*/bin").lines().toList();
        assertThat(now).hasSize(2).filteredOn(made.lines().toList()::contains).hasSize(1);
    }

    @Test
    void pipsWordsReachTheUserAndNothingIsLeftHalfMade() throws Exception {
        Claim claim = start("claim-3");
        Process failed = script(INDEX + "shade==3\n");
        String err = new String(failed.getErrorStream().readAllBytes());
        assertThat(failed.waitFor()).isEqualTo(1);
        assertThat(err)
                .contains("TaskLost", "cannot be installed on host-0", "No matching distribution found for shade==3");
        assertThat(host.run("ls ~me/.pydron/environments")).doesNotContainPattern("^3[^ ]*[0-9a-f]$");
        assertThat(installation.worker(claim).orElseThrow().connected()).isTrue();
        assertThat(Installation.output(script(INDEX + "shade==2\n"))).isEqualTo("[('tone of', 'dark')]\n");
    }
}
