package pydron.cli.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.cli.CommandFailure;

/// What the outputs of a Terraform configuration become, from the program and from the state in the folder.
class TerraformOutputsTest {
    private static final String OURS = """
            {"bucket": {"sensitive": false, "type": "string", "value": "pydron-bundles-1"},
             "root_gib": {"type": "number", "value": 12},
             "workstation_policy": {"type": "string", "value": "arn:aws:iam::1:policy/p"},
             "address": {"type": "string", "value": "192.0.2.7:80"},
             "pydron": {"type": ["object", {}], "value": {"kind": "aws", "profile": "", "region": "eu-central-1",
               "public-address": true, "subnets": ["subnet-1", "subnet-2"], "security-groups": ["sg-1"],
               "instance-profile": "pydron-worker"}}}
            """;

    @TempDir
    Path folder;

    private String program(String script) throws IOException {
        Path file = folder.resolve("program");
        Files.writeString(file, "#!/bin/sh\n" + script);
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return file.toString();
    }

    private TerraformOutputs read(String... programs) {
        return new TerraformOutputs(folder, List.of(programs));
    }

    @Test
    void theModulesObjectIsTakenAndOutputsThatAreCalledLikeKeys() throws IOException {
        Files.writeString(folder.resolve("said"), OURS);
        String program = program("[ \"$*\" = 'output -json' ] || exit 3\necho 'Warning: no such file' >&2\ncat said\n");
        TerraformOutputs outputs = read("/nowhere/terraform", program);
        assertThat(outputs.kind()).contains("aws");
        assertThat(outputs.keys("aws"))
                .isEqualTo(Map.of(
                        "region", List.of("eu-central-1"),
                        "public-address", List.of("true"),
                        "subnets", List.of("subnet-1", "subnet-2"),
                        "security-groups", List.of("sg-1"),
                        "instance-profile", List.of("pydron-worker"),
                        "root-gib", List.of("12"),
                        "bucket", List.of("pydron-bundles-1")));
        assertThatThrownBy(() -> outputs.keys("openstack")).hasMessageContaining("is for a cloud of kind 'aws'");
    }

    @Test
    void withoutTheProgramTheStateIsRead() throws IOException {
        Files.writeString(folder.resolve("terraform.tfstate"), "{\"version\": 4, \"outputs\": " + OURS + "}");
        assertThat(read("/nowhere/terraform").keys("aws")).containsEntry("security-groups", List.of("sg-1"));
    }

    @Test
    void whatCannotBeReadIsSaid() throws IOException {
        assertThatThrownBy(() -> read("/nowhere/terraform"))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("cannot run 'terraform'")
                .hasMessageContaining("terraform.tfstate");
        Files.writeString(folder.resolve("terraform.tfstate"), "[]");
        assertThatThrownBy(() -> read("/nowhere/terraform")).hasMessageContaining("cannot be understood");
        Files.writeString(folder.resolve("terraform.tfstate"), "{\"version\": 4}");
        assertThatThrownBy(() -> read("/nowhere/terraform").keys("aws")).hasMessageContaining("hold no setting");
        String failing = program("echo 'Error: no state' >&2\nexit 1\n");
        assertThatThrownBy(() -> read(failing))
                .hasMessageContaining("has failed with exit code 1")
                .satisfies(it -> assertThat(((CommandFailure) it).advice()).contains("Error: no state"));
        assertThatThrownBy(() -> new TerraformOutputs(folder.resolve("none"), List.of()))
                .hasMessageContaining("there is no folder");
    }
}
