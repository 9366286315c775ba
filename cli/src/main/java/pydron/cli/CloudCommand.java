package pydron.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import pydron.cli.elastic.CloudSetup;
import pydron.cli.elastic.Places;
import pydron.cli.elastic.TerraformOutputs;

@Command(
        name = "cloud",
        description = {
            "Where instances come from. 'add KIND' writes a cloud into the settings, and pools that it offers; 'list' shows "
                    + "those of the settings; 'test NAME' looks, without starting anything, whether it can be used, a line "
                    + "for each thing.",
            "",
            "Credentials are never copied: AWS's are found as its command line finds them (--profile), OpenStack's in "
                    + "clouds.yaml (--cloud) or the variables OS_*, those of hosts by ssh."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:All is well.", "125:'test' has found something that has to be changed first."},
        footerHeading = "%nExamples:%n",
        footer = {
            "  pydron cloud add aws --profile astro --region eu-central-1",
            "  pydron cloud add openstack --cloud mylab --networks private",
            "  pydron cloud add ssh --hosts ada@one.example,two.example",
            "  pydron cloud add local                     instances are processes here, to try things out",
            "  pydron cloud add --terraform infra/        as the outputs of 'terraform apply' there say",
            "  pydron cloud test aws",
        })
final class CloudCommand implements Callable<Integer> {
    enum What {
        ADD,
        LIST,
        TEST
    }

    enum Kind {
        AWS,
        OPENSTACK,
        SSH,
        LOCAL
    }

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,39}");

    @Parameters(index = "0", paramLabel = "add|list|test", description = "What to do.")
    What what;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "KIND|NAME",
            description = "add: aws, openstack, ssh or local; test: the cloud's name in the settings.")
    String object;

    @Option(names = "--name", paramLabel = "NAME", description = "add: its name in the settings; default: the kind.")
    String name;

    @Option(names = "--profile", paramLabel = "NAME", description = "aws: the profile of the AWS files.")
    String profile;

    @Option(names = "--region", paramLabel = "NAME", description = "aws, openstack: the region.")
    String region;

    @Option(names = "--cloud", paramLabel = "NAME", description = "openstack: the cloud's name in clouds.yaml.")
    String cloud;

    @Option(names = "--image", paramLabel = "NAME", description = "aws, openstack: what instances boot from.")
    String image;

    @Option(names = "--subnets", paramLabel = "ID", split = ",", description = "aws: where instances are connected.")
    List<String> subnets;

    @Option(names = "--networks", paramLabel = "NAME", split = ",", description = "openstack: the same.")
    List<String> networks;

    @Option(
            names = "--security-groups",
            paramLabel = "NAME",
            split = ",",
            description = "aws, openstack: their groups.")
    List<String> groups;

    @Option(
            names = "--floating-network",
            paramLabel = "NAME",
            description = "openstack: where public addresses come from.")
    String floating;

    @Option(names = "--instance-profile", paramLabel = "NAME", description = "aws: the IAM instance profile they get.")
    String instanceProfile;

    @Option(
            names = "--bucket",
            paramLabel = "NAME",
            description = "aws: of S3; instances fetch the worker from there, instead of over ssh.")
    String bucket;

    @Option(
            names = "--address",
            paramLabel = "HOST:PORT",
            description = "aws, openstack, ssh: where instances connect to this machine, instead of through tunnels.")
    String address;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "aws, openstack, ssh: where this machine waits for them, if not at --address.")
    String listen;

    @Option(names = "--hosts", paramLabel = "HOST", split = ",", description = "ssh: host, user@host or user@host:22.")
    List<String> hosts;

    @Option(names = "--identity", paramLabel = "FILE", description = "ssh: the private key; default: as ssh finds it.")
    String identity;

    @Option(names = "--max-processes", paramLabel = "N", description = "local: instances at a time.")
    String processes;

    @Option(
            names = "--terraform",
            paramLabel = "DIR",
            description = "Take what is not given here from the outputs of the Terraform configuration in this folder.")
    Path terraform;

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() {
        CloudSetup setup = new CloudSetup(
                Places.of(Environment.ofUser()), spec.commandLine().getOut());
        return switch (what) {
            case ADD -> add(setup);
            case LIST -> {
                setup.list();
                yield 0;
            }
            case TEST -> {
                if (object == null) {
                    throw wrong("which cloud? 'pydron cloud test NAME'");
                }
                yield setup.test(object);
            }
        };
    }

    private int add(CloudSetup setup) {
        Optional<TerraformOutputs> outputs = Optional.ofNullable(terraform).map(TerraformOutputs::of);
        if (object == null) {
            object = outputs.flatMap(TerraformOutputs::kind).orElse(null);
        }
        String kind = kind();
        String called = name == null ? kind : name;
        if (!NAME.matcher(called).matches()) {
            throw wrong("--name: '" + called + "': a name has 1 to 40 of letters, digits, - and _");
        }
        Map<String, List<String>> given = new LinkedHashMap<>();
        one(given, "profile", profile);
        one(given, "cloud", cloud);
        one(given, "region", region);
        one(given, "image", image);
        many(given, "subnets", subnets);
        many(given, "networks", networks);
        many(given, "security-groups", groups);
        one(given, "floating-network", floating);
        one(given, "instance-profile", instanceProfile);
        one(given, "bucket", bucket);
        many(given, "hosts", hosts);
        one(given, "identity", identity);
        one(given, "max-processes", processes);
        one(given, "address", address);
        one(given, "listen", listen);
        given.keySet().forEach(key -> {
            if (!CloudSetup.has(kind, key)) {
                throw wrong("--" + key + " is nothing for a cloud of kind '" + kind + "'");
            }
        });
        Map<String, List<String>> values = new LinkedHashMap<>();
        outputs.ifPresent(it -> values.putAll(it.keys(kind)));
        values.putAll(given);
        if (kind.equals("ssh") && !values.containsKey("hosts")) {
            throw wrong("which hosts? 'pydron cloud add ssh --hosts user@host'");
        }
        return setup.add(kind, called, values);
    }

    private String kind() {
        try {
            return Kind.valueOf(String.valueOf(object).toUpperCase(Locale.ROOT))
                    .name()
                    .toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            throw wrong("which kind? 'pydron cloud add aws|openstack|ssh|local'");
        }
    }

    private static void one(Map<String, List<String>> values, String key, String value) {
        if (value != null) {
            values.put(key, List.of(value));
        }
    }

    private static void many(Map<String, List<String>> values, String key, List<String> value) {
        if (value != null) {
            values.put(key, value);
        }
    }

    private ParameterException wrong(String text) {
        return new ParameterException(spec.commandLine(), text);
    }
}
