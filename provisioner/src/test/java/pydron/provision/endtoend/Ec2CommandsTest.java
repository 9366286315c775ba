package pydron.provision.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import pydron.provision.ec2.S3StandIn;

/// The commands about instances, each as a user has it: a service that stays, programs that find it, what is shown, and
/// what removes everything, known or not.
@Tag("clouds")
class Ec2CommandsTest extends OnEc2 {
    private static final Duration SOON = Duration.ofSeconds(60);

    /// What `terraform apply` of `terraform/aws` leaves, as far as anybody reads it.
    private Path terraform() throws Exception {
        Path infra = folder.resolve("infra");
        Map<String, String> outputs = Map.of(
                "pydron",
                """
                {"kind": "aws", "profile": "astro", "region": "eu-central-1", "public-address": true,
                 "subnets": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
                 "security-groups": ["%s"], "instance-profile": "pydron-worker"}""".formatted(site.group),
                "bucket",
                "\"" + S3StandIn.BUCKET + "\"",
                "workstation_policy",
                "\"arn:aws:iam::123456789012:policy/pydron-workstation\"");
        StringBuilder text = new StringBuilder();
        outputs.forEach((name, value) -> text.append(text.isEmpty() ? "" : ",")
                .append("\"" + name + "\": {\"value\": " + value + ", \"type\": ")
                .append(value.startsWith("{") ? "[\"object\", " + types() + "]}" : "\"string\"}"));
        site.desk.write(
                infra.resolve("terraform.tfstate"),
                "{\"version\": 4, \"terraform_version\": \"1.9.0\", \"serial\": 7, \"lineage\":"
                        + " \"6f1a0c1e-8f60-4c64-9d0e-1c8f2f1f5a11\", \"outputs\": {" + text
                        + "}, \"resources\": [], \"check_results\": null}");
        return infra;
    }

    private static String types() {
        return """
                {"kind": "string", "profile": "string", "region": "string", "public-address": "bool",
                 "subnets": ["list", "string"], "security-groups": ["tuple", ["string"]],
                 "instance-profile": "string"}""";
    }

    @Test
    void aServiceThatStaysServesWhoeverFindsItAndShowsWhatItHas() throws Exception {
        Path script = site.desk.script("script.py", Ec2Site.SCRIPT);
        site.desk.pydron("cloud", "add", "--terraform", terraform()).good();
        assertThat(Files.readString(site.desk.settings()))
                .contains("public-address = true", "subnets = [\"subnet-0123456789abcdef0\"", "\"pydron-worker\"");
        site.limit("--max-instances", "2", "--max-cores", "4", "--idle", "60s");

        assertThat(site.desk.pydron("cloud", "test", "aws").good().out())
                .contains("instances can fetch the worker there");
        assertThat(site.storage.objects()).isEmpty();

        String said = site.desk.pydron("up", "--on", "aws").good().out();
        Matcher variables = Pattern.compile("PYDRON_SOCKET=(\\S+) PYTHONHASHSEED=(\\d+) PYDRON_ON=aws\n")
                .matcher(said);
        assertThat(variables.find()).as(said).isTrue();
        Workstation.Started watch = site.desk.start("instances", "--watch");
        site.desk.await("something to watch", SOON, () -> watch.said().contains("No instances."));

        // As `python script.py`, with the variables that were shown.
        site.desk.environment.put("PYDRON_SOCKET", variables.group(1));
        site.desk.environment.put("PYTHONHASHSEED", variables.group(2));
        site.desk.environment.put("PYDRON_ON", "aws");
        Workstation.Done done = site.desk.python(script, 20, 0.3).await(SOON).good();
        site.desk.environment.remove("PYDRON_SOCKET");
        site.desk.environment.remove("PYTHONHASHSEED");
        site.desk.environment.remove("PYDRON_ON");
        String answer = site.desk.plain(script, 20, 0);
        Set<String> warm = Set.copyOf(site.cloud.states().keySet());
        assertThat(done.out()).isEqualTo(answer);
        assertThat(warm).isNotEmpty().containsAll(hosts(done));

        // The worker came from the bucket, to each of them.
        assertThat(site.storage.objects()).hasSize(1);
        assertThat(site.storage.served().stream().filter(it -> it.endsWith(".tar.gz 200 signed")))
                .hasSize(warm.size());
        assertThat(Files.readString(folder.resolve("state/service.log"))).doesNotContain("over ssh");

        done = site.desk.run("aws", script, 20, 0).await(SOON).good();
        assertThat(done.out()).isEqualTo(answer);
        assertThat(warm)
                .as("nothing was started anew")
                .containsAll(hosts(done))
                .isEqualTo(site.cloud.states().keySet());

        site.desk.await("what works now", SOON, () -> watch.said().contains(" working "));
        watch.interrupt();
        done = watch.await(Duration.ofSeconds(5));
        assertThat(done.code()).as(done.toString()).isEqualTo(130);
        assertThat(done.err()).isEmpty();
        assertThat(done.out()).endsWith("\n").contains("booting");

        assertThat(site.desk.pydron("reap").good().out()).contains("nothing of this installation is left");
        assertThat(site.desk.instances("working")).as("what is wanted stays").hasSameSizeAs(warm);
        done = site.desk.pydron("down").good();
        assertThat(done.out()).contains("all instances are gone; they have cost");
        assertThat(site.desk.service()).isEmpty();
        assertThat(site.cloud.leftovers()).containsExactly(site.group);

        // Who still has the variables is told that there are no instances, and nothing is computed here instead.
        site.desk.environment.put("PYDRON_SOCKET", variables.group(1));
        site.desk.environment.put("PYDRON_ON", "aws");
        done = site.desk.python(script, 20, 0.3).await(SOON);
        assertThat(done.code()).as(done.toString()).isEqualTo(1);
        assertThat(done.err()).contains("The service that has instances on aws is gone");
        site.desk.environment.remove("PYDRON_SOCKET");
        site.desk.environment.remove("PYDRON_ON");
    }

    private static List<String> hosts(Workstation.Done done) {
        return List.of(done.err()
                .lines()
                .filter(it -> it.startsWith("i-"))
                .findFirst()
                .orElse("none")
                .split(" "));
    }

    @Test
    void whatTheRecordHasLostIsFoundByItsTag() throws Exception {
        Path script = site.desk.script("script.py", Ec2Site.SCRIPT);
        site.settings("--max-instances", "2", "--max-cores", "4", "--idle", "60s");
        // A bucket that cannot be used is no obstacle.
        Path settings = site.desk.settings();
        Files.writeString(
                settings,
                Files.readString(settings).replace("region = ", "bucket = \"" + S3StandIn.BUCKET + "\"\nregion = "));
        site.storage.deny("s3:PutObject");
        assertThat(site.desk.pydron("cloud", "test", "aws").good().out())
                .contains("no permission for s3:PutObject", "over ssh instead");
        site.desk.run("aws", script, 8, 0.1).await(SOON).good();
        assertThat(Files.readString(folder.resolve("state/service.log")))
                .contains("the worker comes over ssh: bucket 'astro-bundles': not allowed: no permission");
        site.desk.killService();
        for (String end : List.of("", "-wal", "-shm")) {
            Files.deleteIfExists(folder.resolve("state/instances.db" + end));
        }
        Map<String, String> ours = Map.of(
                "pydron-installation",
                Files.readString(folder.resolve("state/installation")).strip());
        String volume = site.cloud.volume(ours);
        String key = site.cloud.keyPair("pydron-old", ours);
        String group = site.cloud.group("pydron-old", ours);
        Map<String, String> another = Map.of("pydron-installation", "0123456789abcdef");
        List<String> others = List.of(
                site.cloud.volume(another),
                site.cloud.keyPair("pydron-another", another),
                site.cloud.group("x", another));
        List<String> before = site.cloud.leftovers();
        Set<String> instances = Set.copyOf(site.cloud.states().keySet());

        Workstation.Done done = site.desk.pydron("reap", "--dry-run").good();
        assertThat(done.out())
                .contains(instances)
                .contains("volume " + volume + ": would be removed", "key pair " + key, "security group " + group)
                .doesNotContain(others);
        assertThat(site.cloud.leftovers()).as("only looked").isEqualTo(before);

        done = site.desk.pydron("down", "--all").good();
        assertThat(done.out())
                .contains("no instance is known")
                .contains("volume " + volume + ": removed", "key pair " + key + ": removed")
                .contains("security group " + group + ": removed")
                .contains("nothing of this installation is left");
        assertThat(site.cloud.leftovers()).containsExactlyInAnyOrderElementsOf(with(others, site.group));
        assertThat(site.cloud.states().values()).containsOnly("terminated");
        assertThat(site.desk.service()).isEmpty();
        assertThat(site.desk.pydron("reap", "--dry-run").good().out()).contains("nothing of this installation is left");
    }

    private static List<String> with(List<String> some, String one) {
        List<String> all = new java.util.ArrayList<>(some);
        all.add(one);
        return all;
    }
}
