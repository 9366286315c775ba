package pydron.provision.settings;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;
import pydron.provision.model.Machine;
import pydron.provision.model.Money;
import pydron.provision.model.Pool;
import pydron.provision.model.Price;
import pydron.provision.model.Resources;
import pydron.provision.plan.Limits;
import pydron.provision.plan.Scaling;

/// Reads the settings from TOML, and finds all that is wrong with them at once, each with its line and key.
/// The keys are those of `settings.schema.json` beside this class.
///
/// Without limits nothing is started: the limits on instances, cores and money are 0 unless they are set.
public final class SettingsReader {
    static final List<String> TOP = List.of("limits", "cloud", "pool");
    static final List<String> LIMITS = List.of(
            "max-instances",
            "max-cores",
            "max-per-hour",
            "budget",
            "max-lifetime",
            "idle",
            "min-warm",
            "spot-for-tasks-up-to");
    static final List<String> AWS = List.of("kind", "profile", "region");
    static final List<String> OPENSTACK = List.of("kind", "cloud");
    static final List<String> POOL =
            List.of("name", "cloud", "type", "zone", "cores", "memory", "gpus", "per-hour", "spot", "boot");

    private final List<SettingsProblem> problems = new ArrayList<>();

    private SettingsReader() {}

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
        Settings settings = new Settings(limits(limits), scaling(limits), pools(file, clouds), clouds);
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
                yield new CloudSettings.Aws(table.text("profile", ""), table.text("region", ""));
            }
            case "openstack" -> {
                table.onlyKeys(OPENSTACK);
                yield new CloudSettings.OpenStack(table.text("cloud", ""));
            }
            case "" -> null;
            case String other -> {
                table.problem("kind", "must be \"aws\" or \"openstack\", is \"" + other + "\"");
                yield null;
            }
        };
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
        if (!cloud.isEmpty() && !clouds.containsKey(cloud)) {
            table.problem("cloud", "there is no [cloud." + cloud + "]");
        }
        return new Pool(
                table.text("name", ""),
                new Machine(cloud, table.text("type", ""), table.text("zone", "")),
                new Resources(table.count("cores", 1, 1), table.memory("memory", 0), table.count("gpus", 0, 0)),
                new Price(table.money("per-hour", Money.ZERO), table.flag("spot")),
                table.duration("boot", Duration.ofSeconds(90)));
    }
}
