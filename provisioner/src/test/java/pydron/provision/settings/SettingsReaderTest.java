package pydron.provision.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import pydron.provision.model.Address;
import pydron.provision.model.Machine;
import pydron.provision.model.Money;
import pydron.provision.model.Pool;
import pydron.provision.model.Price;
import pydron.provision.model.Resources;
import pydron.provision.plan.Limits;
import pydron.provision.plan.Scaling;

class SettingsReaderTest {
    private static final String WHOLE = """
            [limits]
            max-instances = 20
            max-cores = 160
            max-per-hour = 15
            budget = 99.5
            max-lifetime = "1d"
            idle = "90s"
            min-warm = 1
            spot-for-tasks-up-to = "2m"

            [cloud.home]
            kind = "openstack"
            cloud = "mylab"

            [cloud.aws]
            kind = "aws"
            profile = "astro"
            region = "eu-central-1"
            image = "ami-1"
            root-gib = 20
            subnets = ["subnet-1", "subnet-2"]
            security-groups = ["sg-1"]
            public-address = true
            instance-profile = "pydron"
            bucket = "astro-bundles"
            address = "desk.example.org:7350"
            listen = "0.0.0.0:7350"

            [cloud.hosts]
            kind = "ssh"
            hosts = ["ada@one.example:2222", "two"]
            identity = "~/.ssh/id_lab"
            address = "[2001:db8::7]:443"

            [cloud.here]
            kind = "local"
            max-processes = 3

            [[pool]]
            name = "spot"
            cloud = "aws"
            type = "c7i.large"
            zone = "eu-central-1a"
            cores = 2
            memory = "4GiB"
            gpus = 1
            per-hour = 0.0425
            spot = true
            boot = "40s"

            [[pool]]
            name = "lab"
            cloud = "home"
            type = "m1.small"
            cores = 1
            memory = "512 MiB"
            per-hour = 0
            """;

    private static List<String> problems(String toml) {
        try {
            SettingsReader.read(toml);
            return List.of();
        } catch (InvalidSettings e) {
            return e.problems().stream().map(SettingsProblem::toString).toList();
        }
    }

    @Test
    void everythingIsRead() throws InvalidSettings {
        Settings settings = SettingsReader.read(WHOLE);
        assertThat(settings.limits())
                .isEqualTo(new Limits(20, 160, Money.of("15"), Money.of("99.5"), Duration.ofDays(1)));
        assertThat(settings.scaling()).isEqualTo(new Scaling(Duration.ofSeconds(90), 1, Duration.ofMinutes(2)));
        assertThat(settings.clouds())
                .isEqualTo(Map.of(
                        "aws",
                        new CloudSettings.Aws(
                                "astro",
                                "eu-central-1",
                                new CloudSettings.Image("ami-1", 20),
                                new CloudSettings.Network(
                                        List.of("subnet-1", "subnet-2"),
                                        List.of("sg-1"),
                                        Optional.of(true),
                                        direct("desk.example.org:7350", Optional.of("0.0.0.0:7350"))),
                                "pydron",
                                "astro-bundles"),
                        "home",
                        new CloudSettings.OpenStack(
                                "mylab", "", CloudSettings.Image.ANY, CloudSettings.Network.ANY, ""),
                        "hosts",
                        new CloudSettings.Ssh(
                                List.of("ada@one.example:2222", "two"),
                                "~/.ssh/id_lab",
                                direct("[2001:db8::7]:443", Optional.empty())),
                        "here",
                        new CloudSettings.Local(3)));
        assertThat(settings.pools())
                .containsExactly(
                        new Pool(
                                "spot",
                                new Machine("aws", "c7i.large", "eu-central-1a"),
                                new Resources(2, 4L << 30, 1),
                                new Price(Money.of("0.0425"), true),
                                Duration.ofSeconds(40)),
                        new Pool(
                                "lab",
                                new Machine("home", "m1.small", ""),
                                new Resources(1, 512L << 20, 0),
                                new Price(Money.ZERO, false),
                                Duration.ofSeconds(90)));
    }

    private static Optional<CloudSettings.Direct> direct(String address, Optional<String> listen) {
        return Optional.of(new CloudSettings.Direct(
                Address.of(address).orElseThrow(),
                listen.map(it -> Address.of(it).orElseThrow())));
    }

    @Test
    void addressesThatNobodyCouldConnectTo() {
        for (String bad :
                List.of("desk", "desk:0", "desk:70000", "-x:1", "a b:1", "2001:db8::7:443", "http://desk:80")) {
            assertThat(problems("[cloud.a]\nkind = \"openstack\"\naddress = \"" + bad + "\"\n"))
                    .containsExactly("line 3, cloud.a.address: must be an address and a port, like"
                            + " \"desk.example.org:7350\", \"192.0.2.7:7350\" or \"[2001:db8::7]:7350\", is \"" + bad
                            + "\"");
        }
        assertThat(problems("[cloud.a]\nkind = \"aws\"\nlisten = \"0.0.0.0:7350\"\n"))
                .containsExactly("line 3, cloud.a.listen: needs 'address', which says where instances connect");
        assertThat(problems("[cloud.a]\nkind = \"local\"\naddress = \"desk:1\"\n"))
                .containsExactly("line 3, cloud.a.address: unknown; known are kind, max-processes");
    }

    @Test
    void withoutLimitsNothingMayStart() throws InvalidSettings {
        assertThat(SettingsReader.read("").limits())
                .isEqualTo(new Limits(0, 0, Money.ZERO, Money.ZERO, Duration.ofHours(12)));
    }

    @Test
    void allMistakesAreFoundWithLineAndKey() {
        String toml = """
                [limits]
                max-instances = -1
                budget = "a lot"
                idle = "5 minutes"
                max-core = 3

                [cloud.lab]
                kind = "azure"

                [[pool]]
                name = "a"
                cloud = "aws"
                type = 7
                cores = 0
                memory = "4GB"
                """;
        assertThat(problems(toml))
                .containsExactly(
                        "line 2, limits.max-instances: must be a whole number of at least 0, is -1",
                        "line 3, limits.budget: must be an amount of money from 0 to 1000000000, is \"a lot\"",
                        "line 4, limits.idle: must be a time like \"90s\", \"5m\", \"12h\" or \"2d\", is \"5 minutes\"",
                        "line 5, limits.max-core: unknown; known are max-instances, max-cores, max-per-hour, budget,"
                                + " max-lifetime, idle, join-within, min-warm, spot-for-tasks-up-to",
                        "line 8, cloud.lab.kind: must be \"aws\", \"openstack\", \"ssh\" or \"local\", is \"azure\"",
                        "line 10, pool.per-hour: missing",
                        "line 12, pool.cloud: there is no [cloud.aws]",
                        "line 13, pool.type: must be a text, is 7",
                        "line 14, pool.cores: must be a whole number of at least 1, is 0",
                        "line 15, pool.memory: must be an amount of memory like \"512MiB\" or \"16GiB\", is \"4GB\"");
    }

    @Test
    void hostsThatSshWouldTakeForSomethingElse() {
        assertThat(problems("[cloud.a]\nkind = \"ssh\"\nhosts = [\"-oProxyCommand=x\"]\n"))
                .containsExactly("line 3, cloud.a.hosts: must be like \"host\", \"user@host\" or \"user@host:22\","
                        + " one is \"-oProxyCommand=x\"");
        assertThat(problems("[cloud.a]\nkind = \"ssh\"\nhosts = [\"a\", \"a\"]\n"))
                .containsExactly("line 3, cloud.a.hosts: names a host twice");
        assertThat(problems("[cloud.a]\nkind = \"ssh\"\nhosts = [1]\n"))
                .containsExactly(
                        "line 3, cloud.a.hosts: must be a list of texts, like [\"one\", \"other\"], is a list");
        assertThat(problems("[cloud.a]\nkind = \"ssh\"\n")).containsExactly("line 1, cloud.a.hosts: missing");
    }

    @Test
    void namesThatNobodyCouldType() {
        assertThat(problems("[cloud.\"a b\"]\nkind = \"local\"\n"))
                .containsExactly("line 1, cloud.a b: a name has 1 to 40 of letters, digits, - and _");
    }

    @Test
    void twoPoolsOfOneName() {
        assertThat(problems(WHOLE.replace("\"lab\"", "\"spot\"")))
                .singleElement()
                .asString()
                .endsWith("pool.name: there is another pool 'spot'");
    }

    @Test
    void tablesThatAreNone() {
        assertThat(problems("limits = 3\ncloud = 4\npool = 5\n"))
                .containsExactly(
                        "line 1, limits: must be a table, like [limits]",
                        "line 2, cloud: must be a table for each cloud, like [cloud.lab]",
                        "line 3, pool: must be tables, like [[pool]]");
        assertThat(problems("pool = [1]\n[cloud]\nlab = 1\n"))
                .containsExactly(
                        "line 1, pool: must be tables, like [[pool]]",
                        "line 3, cloud.lab: must be a table, like [cloud.lab]");
    }

    @Test
    void whatIsNoTomlIsToldWithItsLine() {
        assertThatThrownBy(() -> SettingsReader.read("[limits]\nidle = 5m\n"))
                .isInstanceOf(InvalidSettings.class)
                .hasMessageStartingWith("line 2: ");
    }

    /// The schema and the reader know the same keys.
    @Test
    void theSchemaHasTheSameKeys() throws IOException {
        TreeSet<String> known = new TreeSet<>();
        for (List<String> keys : List.of(
                SettingsReader.TOP,
                SettingsReader.LIMITS,
                SettingsReader.AWS,
                SettingsReader.OPENSTACK,
                SettingsReader.SSH,
                SettingsReader.LOCAL,
                SettingsReader.POOL)) {
            known.addAll(keys);
        }
        try (InputStream file = SettingsReader.class.getResourceAsStream("settings.schema.json")) {
            String schema = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            List<String> found = new ArrayList<>();
            Matcher matcher = Pattern.compile("\"([a-z-]+)\": \\{").matcher(schema);
            while (matcher.find()) {
                found.add(matcher.group(1));
            }
            found.removeAll(List.of("properties", "items", "additionalProperties", "time", "texts"));
            assertThat(new TreeSet<>(found)).isEqualTo(known);
        }
    }
}
