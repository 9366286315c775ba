package pydron.provision.settings;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;
import pydron.provision.model.Address;
import pydron.provision.model.Machine;
import pydron.provision.model.Money;
import pydron.provision.model.Pool;
import pydron.provision.model.Price;
import pydron.provision.model.Resources;
import pydron.provision.plan.Limits;
import pydron.provision.plan.Rules;
import pydron.provision.plan.Scaling;

/// Reads the settings from TOML, and finds all that is wrong with them at once, each with its line and key.
/// The keys are those of `settings.schema.json` beside this class.
///
/// Without limits nothing is started: the limits on instances, cores and money are 0 unless they are set.
public final class SettingsReader {
    static final List<String> TOP = List.of("limits", "cloud", "pool", "requirements");
    static final List<String> LIMITS = List.of(
            "max-instances",
            "max-cores",
            "max-per-hour",
            "budget",
            "max-lifetime",
            "idle",
            "join-within",
            "min-warm",
            "spot-for-tasks-up-to");
    private static final List<String> DIRECT = List.of("address", "listen");
    private static final List<String> GUEST =
            List.of("image", "root-gib", "security-groups", "public-address", "address", "listen");
    static final List<String> AWS = with(GUEST, "profile", "region", "subnets", "instance-profile", "bucket");
    static final List<String> OPENSTACK = with(GUEST, "cloud", "region", "networks", "floating-network");
    static final List<String> SSH = with(DIRECT, "hosts", "identity");
    static final List<String> LOCAL = with(List.of(), "max-processes");
    static final List<String> POOL =
            List.of("name", "cloud", "type", "zone", "cores", "memory", "gpus", "per-hour", "spot", "boot");

    private static final Pattern HOST = Pattern.compile(
            "([A-Za-z0-9_][A-Za-z0-9_.-]*@)?" + "([A-Za-z0-9_][A-Za-z0-9_.-]*|\\[[0-9A-Fa-f:.]+])(:[0-9]{1,5})?");
    /// Names of clouds and pools are in tags, in paths, and in what users type.
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,39}");

    private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");

    private static final String BAD_NAME = "a name has 1 to 40 of letters, digits, - and _";

    private final List<SettingsProblem> problems = new ArrayList<>();

    private SettingsReader() {}

    private static final List<String> LISTS = List.of("subnets", "networks", "security-groups", "hosts");
    private static final List<String> PLAIN = List.of("root-gib", "public-address", "max-processes");

    private static List<String> with(List<String> some, String... more) {
        List<String> all = new ArrayList<>(List.of("kind"));
        all.addAll(List.of(more));
        all.addAll(some);
        return List.copyOf(all);
    }

    /// Whether a cloud of this kind has such a key.
    public static boolean isKey(String kind, String key) {
        return switch (kind) {
            case "aws" -> AWS.contains(key);
            case "openstack" -> OPENSTACK.contains(key);
            case "ssh" -> SSH.contains(key);
            case "local" -> LOCAL.contains(key);
            default -> false;
        };
    }

    /// Whether a key of a cloud holds several texts.
    public static boolean isList(String key) {
        return LISTS.contains(key);
    }

    /// Whether a key of a cloud holds a number, or true or false.
    public static boolean isPlain(String key) {
        return PLAIN.contains(key);
    }

    /// @throws InvalidSettings with all that is wrong
    public static Settings read(String toml) throws InvalidSettings {
        return new SettingsReader().readAll(toml);
    }

    private Settings readAll(String toml) throws InvalidSettings {
        TomlParseResult file = Toml.parse(toml);
        file.errors()
                .forEach(it -> problems.add(new SettingsProblem(it.position().line(), "", it.getMessage())));
        if (!problems.isEmpty()) {
            throw new InvalidSettings(problems);
        }
        Table top = new Table(file, "", 1, problems);
        top.onlyKeys(TOP);
        Table limits = table(file, "limits");
        limits.onlyKeys(LIMITS);
        Map<String, CloudSettings> clouds = clouds(file);
        Settings settings = new Settings(
                limits(limits),
                scaling(limits),
                limits.duration("join-within", Rules.STANDARD.graces().join()),
                pools(file, clouds),
                clouds,
                top.text("requirements", ""));
        if (!problems.isEmpty()) {
            problems.sort(Comparator.comparingInt(SettingsProblem::line));
            throw new InvalidSettings(problems);
        }
        return settings;
    }

    private Table table(TomlTable parent, String key) {
        return switch (parent.get(List.of(key))) {
            case null -> new Table(Toml.parse(""), key, 1, problems);
            case TomlTable table -> new Table(table, key, line(parent, key), problems);
            default -> {
                problems.add(new SettingsProblem(line(parent, key), key, "must be a table, like [" + key + "]"));
                yield new Table(Toml.parse(""), key, 1, problems);
            }
        };
    }

    private static int line(TomlTable parent, String key) {
        var position = parent.inputPositionOf(List.of(key));
        return position == null ? 1 : position.line();
    }

    private static Limits limits(Table table) {
        return new Limits(
                table.count("max-instances", 0, 0),
                table.count("max-cores", 0, 0),
                table.money("max-per-hour", Money.ZERO),
                table.money("budget", Money.ZERO),
                table.duration("max-lifetime", Duration.ofHours(12)));
    }

    private static Scaling scaling(Table table) {
        return new Scaling(
                table.duration("idle", Duration.ofMinutes(5)),
                table.count("min-warm", 0, 0),
                table.duration("spot-for-tasks-up-to", Duration.ZERO));
    }

    private Map<String, CloudSettings> clouds(TomlTable file) {
        Map<String, CloudSettings> result = new TreeMap<>();
        switch (file.get(List.of("cloud"))) {
            case null -> {}
            case TomlTable all -> {
                for (String name : all.keySet()) {
                    if (all.get(List.of(name)) instanceof TomlTable one) {
                        Table table = new Table(one, "cloud." + name, line(all, name), problems);
                        if (!NAME.matcher(name).matches()) {
                            problems.add(new SettingsProblem(line(all, name), "cloud." + name, BAD_NAME));
                        }
                        CloudSettings cloud = cloud(table);
                        if (cloud != null) {
                            result.put(name, cloud);
                        }
                    } else {
                        new Table(all, "cloud", line(file, "cloud"), problems)
                                .problem(name, "must be a table, like [cloud.lab]");
                    }
                }
            }
            default ->
                problems.add(new SettingsProblem(
                        line(file, "cloud"), "cloud", "must be a table for each cloud, like [cloud.lab]"));
        }
        return result;
    }

    /// Null when it is not known which kind it is; that has been noted.
    private static CloudSettings cloud(Table table) {
        table.required("kind");
        return switch (table.text("kind", "")) {
            case "aws" -> {
                table.onlyKeys(AWS);
                yield new CloudSettings.Aws(
                        table.text("profile", ""),
                        table.text("region", ""),
                        image(table),
                        network(table, "subnets"),
                        table.text("instance-profile", ""),
                        bucket(table));
            }
            case "openstack" -> {
                table.onlyKeys(OPENSTACK);
                yield new CloudSettings.OpenStack(
                        table.text("cloud", ""),
                        table.text("region", ""),
                        image(table),
                        network(table, "networks"),
                        table.text("floating-network", ""));
            }
            case "ssh" -> {
                table.onlyKeys(SSH);
                table.required("hosts");
                yield new CloudSettings.Ssh(hosts(table), table.text("identity", ""), direct(table));
            }
            case "local" -> {
                table.onlyKeys(LOCAL);
                yield new CloudSettings.Local(table.count("max-processes", 1, 16));
            }
            case "" -> null;
            case String other -> {
                table.problem("kind", "must be \"aws\", \"openstack\", \"ssh\" or \"local\", is \"" + other + "\"");
                yield null;
            }
        };
    }

    /// It becomes part of addresses.
    private static String bucket(Table table) {
        String name = table.text("bucket", "");
        if (!name.isEmpty() && !BUCKET.matcher(name).matches()) {
            table.problem("bucket", "must be the name of a bucket of S3, like \"astro-bundles\", is \"" + name + "\"");
        }
        return name;
    }

    private static CloudSettings.Image image(Table table) {
        return new CloudSettings.Image(table.text("image", ""), table.count("root-gib", 0, 0));
    }

    private static CloudSettings.Network network(Table table, String networks) {
        return new CloudSettings.Network(
                table.texts(networks),
                table.texts("security-groups"),
                table.optionalFlag("public-address"),
                direct(table));
    }

    private static Optional<CloudSettings.Direct> direct(Table table) {
        Optional<Address> address = table.address("address");
        Optional<Address> listen = table.address("listen");
        if (listen.isPresent() && address.isEmpty()) {
            table.problem("listen", "needs 'address', which says where instances connect");
        }
        return address.map(it -> new CloudSettings.Direct(it, listen));
    }

    /// They become arguments of `ssh`, which takes what begins with a dash for an option.
    private static List<String> hosts(Table table) {
        List<String> hosts = table.texts("hosts");
        for (String host : hosts) {
            if (!HOST.matcher(host).matches()) {
                table.problem(
                        "hosts", "must be like \"host\", \"user@host\" or \"user@host:22\", one is \"" + host + "\"");
            }
        }
        if (new TreeSet<>(hosts).size() < hosts.size()) {
            table.problem("hosts", "names a host twice");
        }
        return hosts;
    }

    private List<Pool> pools(TomlTable file, Map<String, CloudSettings> clouds) {
        List<Pool> result = new ArrayList<>();
        TreeSet<String> names = new TreeSet<>();
        switch (file.get(List.of("pool"))) {
            case null -> {}
            case TomlArray all -> {
                for (int i = 0; i < all.size(); i++) {
                    int line = all.inputPositionOf(i).line();
                    if (all.get(i) instanceof TomlTable one) {
                        Table table = new Table(one, "pool", line, problems);
                        Pool pool = pool(table, clouds);
                        if (!names.add(pool.name())) {
                            table.problem("name", "there is another pool '" + pool.name() + "'");
                        }
                        result.add(pool);
                    } else {
                        problems.add(new SettingsProblem(line, "pool", "must be tables, like [[pool]]"));
                    }
                }
            }
            default -> problems.add(new SettingsProblem(line(file, "pool"), "pool", "must be tables, like [[pool]]"));
        }
        return result;
    }

    private static Pool pool(Table table, Map<String, CloudSettings> clouds) {
        table.onlyKeys(POOL);
        table.required("name", "cloud", "type", "cores", "memory", "per-hour");
        String cloud = table.text("cloud", "");
        String name = table.text("name", "");
        if (!name.isEmpty() && !NAME.matcher(name).matches()) {
            table.problem("name", BAD_NAME);
        }
        if (!cloud.isEmpty() && !clouds.containsKey(cloud)) {
            table.problem("cloud", "there is no [cloud." + cloud + "]");
        }
        return new Pool(
                name,
                new Machine(cloud, table.text("type", ""), table.text("zone", "")),
                new Resources(table.count("cores", 1, 1), table.memory("memory", 0), table.count("gpus", 0, 0)),
                new Price(table.money("per-hour", Money.ZERO), table.flag("spot")),
                table.duration("boot", Duration.ofSeconds(90)));
    }
}
