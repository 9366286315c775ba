package pydron.provision.ssh;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import pydron.provision.cloud.Check;
import pydron.provision.cloud.Cloud;
import pydron.provision.cloud.CloudContract;
import pydron.provision.cloud.Launch;
import pydron.provision.cloud.Listing;
import pydron.provision.model.Problem;
import pydron.provision.model.Thing;

/// The contract, on hosts with a real sshd.
@Tag("guests")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SshCloudTest extends CloudContract {
    @TempDir
    static Path folder;

    private Hosts hosts;
    private Path stranger;
    /// Another installation has taken hosts.
    private boolean exhausted;

    @BeforeAll
    void boot() throws Exception {
        hosts = new Hosts(folder, 2);
        stranger = folder.resolve("stranger");
        Hosts.keygen(stranger);
    }

    @AfterAll
    void end() {
        hosts.close();
    }

    @AfterEach
    void clear() {
        List<Cloud> used = exhausted ? List.of(cloud(), ofAnotherInstallation()) : List.of(cloud());
        exhausted = false;
        for (Cloud cloud : used) {
            if (cloud.list() instanceof Listing.Seen seen) {
                seen.things().forEach(it -> cloud.remove(it.kind(), it.id()));
            }
        }
    }

    private SshCloud open(String installation, Path identity, List<String> names) {
        return SshCloud.open("hosts", installation, names, Optional.of(identity), Optional.of(hosts.config));
    }

    @Override
    protected Cloud cloud() {
        return open("ours-0001", hosts.identity, hosts.names());
    }

    @Override
    protected Cloud ofAnotherInstallation() {
        return open("theirs-01", hosts.identity, hosts.names());
    }

    @Override
    protected Cloud withWrongCredentials() {
        return open("ours-0001", stranger, hosts.names());
    }

    @Override
    protected String type() {
        return SshCloud.TYPE;
    }

    @Override
    protected void exhaustQuota() {
        exhausted = true;
        for (int i = 0; i < 2; i++) {
            assertThat(ofAnotherInstallation().start(request(claim(), type()))).isInstanceOf(Launch.Started.class);
        }
    }

    @Override
    protected boolean again(int times) {
        try {
            Thread.sleep(200);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return times < 20;
    }

    @Test
    void aHostThatDiesIsNotInTheWayOfOthers() throws IOException {
        SshCloud cloud = open(
                "ours-0001",
                hosts.identity,
                List.of("me@192.0.2.1:22", hosts.names().getFirst()));
        // Nothing answers there, or it is refused on the way; either way the other host is found.
        assertThat(cloud.start(request(claim(), type()))).isInstanceOf(Launch.Started.class);
        assertThat(((Listing.Seen) cloud.list()).things()).hasSize(1);
    }

    @Test
    void aWrongHostKeyIsAnAnswerThatSaysWhatToDo() throws IOException {
        String right = hosts.machines.getFirst().run("cat /etc/ssh/ssh_host_ed25519_key.pub");
        String wrong = hosts.machines.getLast().run("cat /etc/ssh/ssh_host_ed25519_key.pub");
        String address = hosts.machines.getFirst().address();
        SshCloud cloud = open("ours-0001", hosts.identity, hosts.names().subList(0, 1));
        try {
            hosts.trust(address, wrong);
            assertThat(cloud.start(request(claim(), type())))
                    .isInstanceOfSatisfying(
                            Launch.Failed.class,
                            it -> assertThat(it.problem())
                                    .isInstanceOf(Problem.Unauthorized.class)
                                    .matches(problem -> problem.detail().contains("Host key verification failed")));
            assertThat(cloud.check(List.of())).singleElement().satisfies(it -> {
                assertThat(it.outcome()).isEqualTo(Check.Outcome.BAD);
                assertThat(it.text()).contains("connect once by hand ('ssh me@" + address);
            });
        } finally {
            hosts.trust(address, right);
        }
        assertThat(cloud.check(List.of())).singleElement().satisfies(it -> {
            assertThat(it.outcome()).isEqualTo(Check.Outcome.GOOD);
            assertThat(it.text()).contains("Python 3.");
            // Containers have this machine's; more than awk's "print" can say where that is mawk.
            assertThat(it.text()).contains(" " + gibibytes() + " GiB, ");
        });
    }

    private static long gibibytes() throws IOException {
        String total = Files.readAllLines(Path.of("/proc/meminfo")).getFirst();
        return Long.parseLong(total.replaceAll("\\D", "")) >> 20;
    }

    @Test
    void nothingIsLeftOnAHostThatWasFreed() throws IOException {
        SshCloud cloud = open("ours-0001", hosts.identity, hosts.names().subList(0, 1));
        assertThat(cloud.start(request(claim(), type()))).isInstanceOf(Launch.Started.class);
        Thing thing = ((Listing.Seen) cloud.list()).things().getFirst();
        cloud.remove(thing.kind(), thing.id());
        assertThat(hosts.machines
                        .getFirst()
                        .run("find ~me/.pydron -mindepth 1 ! -name claims")
                        .strip())
                .isEmpty();
    }
}
