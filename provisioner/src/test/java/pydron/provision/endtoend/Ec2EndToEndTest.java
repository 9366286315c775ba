package pydron.provision.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A user's script on EC2, by the command.
@Tag("guests")
class Ec2EndToEndTest extends OnEc2 {
    @Test
    void fromNoneToSomeToNone() throws Exception {
        Path script = site.desk.script("script.py", Ec2Site.SCRIPT);
        site.settings("--max-instances", "2", "--max-cores", "4", "--idle", "3s");
        Workstation.Done done = site.desk.pydron("cloud", "test", "aws").good();
        assertThat(done.out()).contains("could be started, as a trial says").doesNotContain("bad ");
        Workstation.Started run = site.desk.run("aws", script, 40, 0.3);
        site.desk.await(
                "two instances",
                Duration.ofSeconds(60),
                () -> site.desk.instances("working").size() == 2);
        assertThat(site.desk.pydron("instances").good().out()).contains("aws-t3-medium", "working", "1 program");
        done = run.await(Duration.ofSeconds(60)).good();
        assertThat(done.out()).isEqualTo(site.desk.plain(script, 40, 0));
        assertThat(done.err()).contains("2 instances stay until idle");
        assertThat(site.cloud.states()).hasSize(2);
        assertThat(done.err().lines().findFirst().orElse("").split(" "))
                .isSubsetOf(site.cloud.states().keySet());
        site.assertNothingLeft();
        assertThat(site.machines.selfEnded())
                .as("the service ended them, not they themselves")
                .isEmpty();
    }

    /// Its instances connect without tunnels: the next service waits at the same address.
    @Test
    void aServiceThatIsKilledIsFollowedByOneThatTakesOverAndRemoves() throws Exception {
        Path script = site.desk.script("script.py", Ec2Site.SCRIPT);
        site.machines.images("echo 'AllowTcpForwarding no' >> /etc/ssh/sshd_config");
        site.address(Ec2Site.freePort(), "");
        site.settings("--max-instances", "2", "--max-cores", "4", "--idle", "3s");
        Workstation.Started run = site.desk.run("aws", script, 4000, 0.3);
        site.desk.await(
                "an instance",
                Duration.ofSeconds(60),
                () -> !site.desk.instances("working").isEmpty());
        Set<String> before = site.cloud.states().keySet();
        site.desk.killService();
        Workstation.Done done = run.await(Duration.ofSeconds(30));
        assertThat(done.code()).isNotZero();
        assertThat(done.err()).contains("The scheduler has gone while a pipeline was running");
        // What the next run needs is there already.
        done = site.desk
                .run("aws", script, 20, 0.1)
                .await(Duration.ofSeconds(60))
                .good();
        assertThat(done.out()).isEqualTo(site.desk.plain(script, 20, 0));
        assertThat(site.cloud.states().keySet()).as("nothing was started anew").isEqualTo(before);
        site.assertNothingLeft();
    }
}
