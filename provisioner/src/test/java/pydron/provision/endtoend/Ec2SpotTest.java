package pydron.provision.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A spot instance that the cloud takes back: told two minutes before, it gets no more tasks, brings what only it
/// has, is ended before the cloud does it, and another one, on demand, takes its place.
@Tag("clouds")
class Ec2SpotTest extends OnEc2 {
    private static final Duration SOON = Duration.ofSeconds(60);

    /// One call first: spot is for functions that are known to be short.
    private static final String SCRIPT =
            Ec2Site.SCRIPT.replace("    total, hosts = main(", "    main(1, 0.2)\n    total, hosts = main(");

    private void settings() throws Exception {
        site.add();
        Path file = site.desk.settings();
        String[] parts = Files.readString(file).split("(?=\\[\\[pool]])");
        String pool = parts[1].replace("cores = 2\n", "cores = 2\nboot = \"6s\"\n");
        String spot = pool.replace("aws-t3-medium", "spot").stripTrailing() + "\nspot = true\n\n";
        Files.writeString(file, parts[0] + spot + pool);
        site.limit("--max-instances", "2", "--max-cores", "4", "--idle", "4s", "--spot-for-tasks-up-to", "30s");
    }

    private List<JsonObject> of(String pool, String state) throws IOException, InterruptedException {
        return site.desk.instances(state).stream()
                .filter(it -> it.get("pool").getAsString().equals(pool))
                .toList();
    }

    @Test
    void isReplacedOnDemandBeforeItGoes() throws Exception {
        Path script = site.desk.script("script.py", SCRIPT);
        settings();
        site.machines.metadata();
        Workstation.Started run = site.desk.run("aws", script, 300, 0.4);
        site.desk.await(
                "a busy spot instance",
                SOON,
                () -> of("spot", "working").stream()
                        .anyMatch(it -> it.get("running").getAsInt() > 0));
        JsonObject taken = of("spot", "working").getFirst();
        String id = taken.get("id").getAsString();
        int onDemand = of("aws-t3-medium", "").size();
        site.cloud.interrupt(id);
        site.desk.await(
                "that it is drained, with the reason",
                Duration.ofSeconds(20),
                () -> of("spot", "").stream()
                        .filter(it -> it.get("id").getAsString().equals(id))
                        .allMatch(it -> it.get("why").getAsString().contains("takes it back")));
        site.desk.await(
                "its end, long before the cloud's",
                Duration.ofSeconds(40),
                () -> of("spot", "").stream()
                        .noneMatch(it -> it.get("id").getAsString().equals(id)));
        assertThat(site.cloud.states().get(id)).isEqualTo("terminated");
        site.desk.await(
                "another one instead",
                SOON,
                () -> of("aws-t3-medium", "working").size() > onDemand);
        Workstation.Done done = run.await(Duration.ofSeconds(180)).good();
        assertThat(done.out()).isEqualTo(site.desk.plain(script, 300, 0));
        assertThat(site.machines.selfEnded()).isEmpty();
        site.assertNothingLeft();
    }
}
