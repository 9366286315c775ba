package pydron.provision.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import pydron.provision.guests.Guests;

/// What goes wrong on the way to instances, and what the user then reads: which object, why, and the way out.
@Tag("clouds")
class Ec2TroublesTest extends OnEc2 {
    private static final Duration SOON = Duration.ofSeconds(120);

    private void settings() throws Exception {
        site.add();
        // One pool, that of t3.medium, which is said to boot fast.
        Path file = site.desk.settings();
        String[] parts = Files.readString(file).split("(?=\\[\\[pool]])");
        Files.writeString(file, parts[0] + parts[1].replace("cores = 2\n", "cores = 2\nboot = \"6s\"\n"));
        site.limit("--max-instances", "2", "--max-cores", "8", "--idle", "3s", "--join-within", "8s");
    }

    private Workstation.Started run() throws Exception {
        return site.desk.run("aws", site.desk.script("script.py", Ec2Site.SCRIPT), 20, 0.1);
    }

    private String waiting() throws Exception {
        StringBuilder text = new StringBuilder();
        for (JsonElement it : site.desk.status().getAsJsonArray("waiting")) {
            text.append(it.getAsJsonObject().get("text").getAsString()).append("\n");
        }
        return text.toString();
    }

    /// The script waits, and says why; nothing runs that costs money.
    private void waits(Workstation.Started run, String... words) throws Exception {
        site.desk.await(
                "the reason",
                SOON,
                () -> List.of(words).stream().allMatch(it -> {
                    try {
                        return waiting().contains(it);
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                }));
        assertThat(run.runs()).as(run.said()).isTrue();
        run.interrupt();
        run.await(SOON);
        site.assertNothingLeft();
    }

    private void tests(int code, String... words) throws Exception {
        Workstation.Done done = site.desk.pydron("cloud", "test", "aws");
        assertThat(done.code()).as(done.toString()).isEqualTo(code);
        assertThat(done.out()).contains(words);
    }

    @Test
    void credentialsThatAreOver() throws Exception {
        settings();
        site.cloud.credentials("ASIAOVER", "secret", "session", Instant.now().minusSeconds(60));
        site.credentials("ASIAOVER", "secret", "session");
        tests(125, "expired");
        waits(run(), "cloud 'aws'", "expired", "pydron cloud test aws");
    }

    @Test
    void noCredentials() throws Exception {
        settings();
        Files.delete(folder.resolve("home/.aws/credentials"));
        tests(125, "astro");
        waits(run(), "cloud 'aws'", "astro");
    }

    @Test
    void anActionThatIsNotAllowed() throws Exception {
        settings();
        site.cloud.deny("ec2:CreateTags");
        tests(125, "ec2:CreateTags");
        waits(run(), "pool 'aws-t3-medium'", "ec2:CreateTags");
    }

    @Test
    void aQuotaThenNoCapacity() throws Exception {
        settings();
        site.cloud.quota(1, 0, 10);
        tests(125, "quota", "Service Quotas");
        waits(run(), "pool 'aws-t3-medium'", "quota of vCPUs", "VcpuLimitExceeded", "your current vCPU limit of 1");
        site.cloud.quota(64, 0, 10);
        site.cloud.exhaust("t3.medium", "*");
        waits(run(), "pool 'aws-t3-medium'", "no capacity", "t3.medium");
    }

    @Test
    void anImageAndATypeThatAreNotThere() throws Exception {
        settings();
        Path file = site.desk.settings();
        String good = Files.readString(file);
        Files.writeString(file, good.replace("region = ", "image = \"debian-11-nothing\"\nregion = "));
        tests(125, "debian-11-nothing");
        Files.writeString(file, good.replace("t3.medium\"", "t3.huge\""));
        tests(125, "t3.huge");
    }

    @Test
    void anImageWithoutPython() throws Exception {
        settings();
        site.machines.images("rm -f /usr/bin/python3*");
        waits(run(), "the image has no Python", "image");
    }

    @Test
    void aSecurityGroupThatBlocks() throws Exception {
        settings();
        site.machines.nothingBoots();
        waits(run(), "did not join in time", "security group");
    }

    @Test
    void aKeyThatIsRefused() throws Exception {
        settings();
        site.machines.images("echo 'DenyUsers pydron' >> /etc/ssh/sshd_config; echo boot-marker");
        waits(run(), "does not let us in", "boot-marker");
    }

    @Test
    void userDataThatDoesNotRun() throws Exception {
        settings();
        site.machines.images("echo no-such-thing; exit 1");
        waits(run(), "its user data did not run", "no-such-thing");
    }

    @Test
    void aClockThatIsWrong() throws Exception {
        settings();
        site.cloud.skew(Duration.ofMinutes(10));
        tests(125, "clock");
        waits(run(), "cloud 'aws'", "clock");
    }

    @Test
    void aWorkerThatCannotBeBrought() throws Exception {
        settings();
        site.desk.environment.put("PYDRON_BUNDLES", folder.resolve("nowhere").toString());
        waits(run(), "pool 'aws-", "instances cannot be prepared: there is no worker bundle", "worker-image/bundle.sh");
        assertThat(site.cloud.states()).as("nothing was paid for").isEmpty();
    }

    /// A bundle with the right name, and the worker of another Pydron in it.
    @Test
    void aWorkerOfAnotherVersion() throws Exception {
        settings();
        Path bundles = site.desk.bundleOf("0.0.9", "pydron-worker-0");
        site.desk.environment.put("PYDRON_BUNDLES", bundles.toString());
        waits(
                run(),
                "pool 'aws-t3-medium'",
                "cannot join: its worker was refused: it is Pydron 0.0.9 and speaks 'pydron-worker-0', and here is Pydron ",
                "which speaks 'pydron-worker-1'",
                "worker-image/bundle.sh");
        assertThat(site.cloud.states()).as("it was ended").isNotEmpty();
    }

    @Test
    void aWorkerOfAnotherBuild() throws Exception {
        settings();
        site.desk.environment.put(
                "PYDRON_BUNDLES", site.desk.bundleOfAnotherBuild().toString());
        waits(run(), "cannot join: its worker was refused: it is Pydron ", " of build ", "worker-image/bundle.sh");
        assertThat(site.cloud.states()).as("it was ended").isNotEmpty();
    }

    /// Where the name of a bundle says whose it is, nothing is started.
    @Test
    void aBundleOfAnotherVersion() throws Exception {
        settings();
        Path bundles = Files.createDirectories(folder.resolve("bundles"));
        Files.write(bundles.resolve("pydron-worker-0.0.9-x86_64.tar.gz"), new byte[100]);
        site.desk.environment.put("PYDRON_BUNDLES", bundles.toString());
        waits(
                run(),
                "instances cannot be prepared: the worker bundles in '",
                "are of Pydron 0.0.9, and here is Pydron ");
        assertThat(site.cloud.states()).isEmpty();
    }

    @Test
    void anAddressWhereInstancesDoNotGetThrough() throws Exception {
        int port = Ec2Site.freePort();
        site.address(port, "0.0.0.0:" + Ec2Site.freePort());
        settings();
        waits(
                run(),
                "did not join in time: its worker cannot connect to " + Guests.host() + ":" + port,
                "Connection refused",
                "remove 'address' from the cloud's settings");
    }

    @Test
    void anAddressWhereNobodyCanWait() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName(Guests.host()))) {
            site.address(other.getLocalPort(), "");
            settings();
            String text = "cannot wait for workers at " + Guests.host() + ":" + other.getLocalPort();
            tests(125, text + ": Address already in use");
            waits(run(), "pool 'aws-t3-medium'", text, "choose another one in 'address' or 'listen'");
            assertThat(site.desk.pydron("instances").good().out()).contains(text);
        }
        assertThat(site.cloud.states()).as("nothing was paid for").isEmpty();
        site.desk.await(
                "the free port",
                SOON,
                () -> site.desk
                        .pydron("cloud", "test", "aws")
                        .out()
                        .contains("this machine waits at " + Guests.host()));
    }

    @Test
    void aLimitThatIsReached() throws Exception {
        settings();
        site.desk.pydron("limits", "set", "--max-instances", "0").good();
        Workstation.Done done = run().await(SOON);
        assertThat(done.code()).isEqualTo(125);
        assertThat(done.err()).contains("pydron limits set --max-instances");
        site.desk
                .pydron("limits", "set", "--max-instances", "4", "--max-per-hour", "0.01")
                .good();
        waits(run(), "the limit of money per hour is reached", "--max-per-hour");
    }
}
