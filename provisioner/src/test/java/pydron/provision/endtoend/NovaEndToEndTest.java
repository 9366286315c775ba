package pydron.provision.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.provision.jclouds.OpenStackLab;

/// A user's script on a real OpenStack, by the command. Its servers' machines are containers.
@Tag("clouds")
class NovaEndToEndTest {
    @TempDir
    Path folder;

    private OpenStackLab lab;
    private NovaGuests machines;
    private Workstation desk;

    @BeforeEach
    void open() throws Exception {
        lab = new OpenStackLab();
        machines = new NovaGuests(lab);
        desk = new Workstation(folder);
        Map<String, String> user = lab.user();
        desk.write(folder.resolve("home/.config/openstack/clouds.yaml"), """
                clouds:
                  mylab:
                    region_name: %s
                    auth:
                      auth_url: %s
                      username: %s
                      password: %s
                      project_name: %s
                      user_domain_name: Default
                      project_domain_name: Default
                """.formatted(
                        user.get("OS_REGION_NAME"),
                        user.get("OS_AUTH_URL"),
                        user.get("OS_USERNAME"),
                        user.get("OS_PASSWORD"),
                        user.get("OS_PROJECT_NAME")));
        desk.script("helper.py", "def square(number):\n    return number * number\n");
    }

    @AfterEach
    void close() throws Exception {
        try {
            desk.close();
        } finally {
            machines.close();
        }
    }

    private void settings(String... limits) throws Exception {
        desk.pydron("cloud", "add", "openstack", "--name", "lab", "--cloud", "mylab", "--networks", "private")
                .good();
        desk.pydron((Object[]) limits).good();
    }

    private List<String> left() {
        return NovaGuests.servers(lab).stream()
                .map(it -> it.get("name").getAsString() + " " + it.get("status").getAsString())
                .toList();
    }

    private void assertNothingLeft() throws Exception {
        desk.await(
                "an empty project",
                Duration.ofSeconds(90),
                () -> desk.instances("").isEmpty()
                        && left().isEmpty()
                        && machines.running().isEmpty(),
                () -> left() + " " + machines.tell());
    }

    private void limits(int instances, int cores) throws Exception {
        settings(
                "limits",
                "set",
                "--max-instances",
                String.valueOf(instances),
                "--max-cores",
                String.valueOf(cores),
                "--max-per-hour",
                "1",
                "--budget",
                "5",
                "--idle",
                "4s");
    }

    @Test
    void fromNoneToSixToNone() throws Exception {
        Path script = desk.script("script.py", Ec2Site.SCRIPT);
        limits(6, 12);
        assertThat(desk.pydron("cloud", "test", "lab").good().out()).doesNotContain("bad ");
        Workstation.Started run = desk.run("lab", script, 120, 0.5);
        desk.await("six machines", Duration.ofSeconds(90), () -> machines.most() == 6);
        Workstation.Done done = run.await(Duration.ofSeconds(90)).good();
        assertThat(done.out()).isEqualTo(desk.plain(script, 120, 0));
        assertNothingLeft();
    }

    @Test
    void whereverTheServiceIsKilledNothingStays() throws Exception {
        Path script = desk.script("script.py", Ec2Site.SCRIPT);
        limits(3, 6);
        for (long seed : new long[] {1, 2, 3, 5}) {
            // So many steps of instances' lives happen before: counted in lines of the log, whatever else the machine
            // does.
            long steps = new SplittableRandom(seed).nextInt(16);
            Workstation.Started run = desk.run("lab", script, 4000, 0.2);
            desk.await(
                    "seed " + seed + ", step " + steps,
                    Duration.ofSeconds(90),
                    () -> desk.service().isPresent() && desk.steps() >= steps);
            desk.killService();
            Workstation.Done done = run.await(Duration.ofSeconds(60));
            assertThat(done.code()).as("seed " + seed + ": " + done).isNotZero();
            assertThat(left()).as("seed " + seed).hasSizeLessThanOrEqualTo(3);
        }
        Workstation.Done done =
                desk.run("lab", script, 20, 0.1).await(Duration.ofSeconds(90)).good();
        assertThat(done.out()).isEqualTo(desk.plain(script, 20, 0));
        // What was written down, and never asked for, is forgotten when no list has shown it for three minutes.
        desk.await(
                "an empty project",
                Duration.ofSeconds(90),
                () -> left().isEmpty()
                        && machines.running().isEmpty()
                        && desk.instances("").stream()
                                .allMatch(it -> it.get("state").getAsString().equals("requested")),
                () -> left() + " " + machines.tell());
    }
}
