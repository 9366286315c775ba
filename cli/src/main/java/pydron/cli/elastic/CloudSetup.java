package pydron.cli.elastic;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;
import pydron.provision.cloud.Check;
import pydron.provision.cloud.Offer;
import pydron.provision.clouds.Clouds;
import pydron.provision.model.Pool;
import pydron.provision.model.Price;
import pydron.provision.model.Resources;
import pydron.provision.settings.CloudSettings;
import pydron.provision.settings.Settings;
import pydron.provision.settings.SettingsReader;

/// `pydron cloud`: clouds of the settings are added, listed and looked at.
public final class CloudSetup {
    /// Machines of these sizes are proposed where a cloud has them.
    private static final int[] SIZES = {2, 4, 8, 16};

    /// With less, worker and task processes are in each other's way.
    private static final long MEMORY_PER_CORE = 1L << 30;

    private final Places places;
    private final SettingsFile file;
    private final PrintWriter out;

    public CloudSetup(Places places, PrintWriter out) {
        this.places = places;
        this.file = new SettingsFile(places.settings());
        this.out = out;
    }

    /// Writes a cloud, and pools that it offers. Returns the exit code.
    ///
    /// @param values as the user wrote them, by key; lists with commas
    public int add(String kind, String name, Map<String, List<String>> values) {
        Settings before = file.read();
        if (before.clouds().containsKey(name)) {
            throw new CommandFailure(
                    ExitCode.FAILED,
                    "there is a cloud '" + name + "' already in '" + file.path() + "'",
                    "Edit it there, or add this one with another --name.");
        }
        StringBuilder block = new StringBuilder("[cloud." + name + "]\nkind = " + TomlEditor.quoted(kind) + "\n");
        values.forEach((key, texts) -> block.append(key + " = " + value(key, texts) + "\n"));
        Configuration.change(file, editor -> editor.append(block.toString()));
        out.println("pydron: cloud '" + name + "' is in '" + file.path() + "'");
        CloudSettings cloud = file.read().clouds().get(name);
        List<Offer> offers;
        try {
            offers = open(cloud, name).account().offers();
        } catch (Clouds.Unsupported e) {
            out.println("pydron: " + e.getMessage());
            return ExitCode.FAILED.number();
        }
        String pools = pools(name, offers, before);
        if (pools.isEmpty()) {
            out.println("  It does not say what can be started there; 'pydron cloud test " + name + "' says why.");
            return 0;
        }
        Configuration.change(file, editor -> editor.append(pools));
        out.println("  with these pools; change or remove them as you like:\n");
        out.println(pools.indent(2).stripTrailing() + "\n");
        out.println("'pydron cloud test " + name
                + "' looks whether it can be used; 'pydron limits set' says how much of it.");
        return 0;
    }

    private static String value(String key, List<String> texts) {
        if (SettingsReader.isList(key)) {
            return TomlEditor.list(texts);
        }
        String text = texts.getFirst();
        return text.matches("true|false|[0-9]{1,9}") && SettingsReader.isPlain(key) ? text : TomlEditor.quoted(text);
    }

    private Clouds.Opened open(CloudSettings cloud, String name) {
        return Clouds.open(cloud, name, Offline.installation(places));
    }

    /// The cheapest machine of each size, the smallest first. Spot is a choice that nobody but the user makes.
    private static String pools(String cloud, List<Offer> all, Settings before) {
        Map<String, Offer> chosen = new LinkedHashMap<>();
        List<Offer> possible = all.stream()
                .filter(it -> it.price().filter(Price::spot).isEmpty())
                .filter(it -> it.machine().isEmpty() || it.machine().equals(machine()))
                .toList();
        List<Offer> roomy = possible.stream()
                .filter(it -> it.size().memory() >= it.size().cores() * MEMORY_PER_CORE)
                .toList();
        List<Offer> offers = roomy.isEmpty() ? possible : roomy;
        for (int size : SIZES) {
            offers.stream()
                    .filter(it -> it.size().cores() >= size && it.size().gpus() == 0)
                    .findFirst()
                    .ifPresent(it -> chosen.putIfAbsent(it.type(), it));
        }
        if (chosen.isEmpty()) {
            offers.stream().findFirst().ifPresent(it -> chosen.put(it.type(), it));
        }
        StringBuilder block = new StringBuilder();
        chosen.forEach((type, offer) -> {
            String name = poolName(cloud, type, before);
            block.append("[[pool]]\nname = ")
                    .append(TomlEditor.quoted(name))
                    .append("\ncloud = ")
                    .append(TomlEditor.quoted(cloud))
                    .append("\ntype = ")
                    .append(TomlEditor.quoted(type))
                    .append("\n");
            Resources size = offer.size();
            block.append("cores = ")
                    .append(size.cores())
                    .append("\nmemory = \"")
                    .append(Math.max(1, size.memory() >> 20))
                    .append("MiB\"\n");
            if (size.gpus() > 0) {
                block.append("gpus = ").append(size.gpus()).append("\n");
            }
            block.append("per-hour = ").append(price(offer)).append("\n\n");
        });
        return block.toString().stripTrailing();
    }

    /// Of this kind the worker is that is brought to instances, unless the user makes another one.
    private static String machine() {
        String here = System.getProperty("os.arch");
        return here.equals("amd64") ? "x86_64" : here;
    }

    private static String price(Offer offer) {
        if (offer.price().isEmpty()) {
            return "0  # the cloud does not say what it costs: fill in, or limits of money mean nothing";
        }
        String amount = offer.price().get().perHour().toString();
        return offer.asOf().getYear() < 2000 ? amount : amount + "  # as of " + offer.asOf();
    }

    private static String poolName(String cloud, String type, Settings before) {
        String name = (cloud + "-" + type).replaceAll("[^A-Za-z0-9_-]", "-");
        String first = name.length() > 37 ? name.substring(0, 37) : name;
        String result = first;
        int number = 2;
        while (taken(before, result)) {
            result = first + "-" + number++;
        }
        return result;
    }

    private static boolean taken(Settings settings, String name) {
        return settings.pools().stream().anyMatch(it -> it.name().equals(name));
    }

    public void list() {
        Settings settings = file.read();
        if (settings.clouds().isEmpty()) {
            out.println("No clouds in '" + file.path() + "'; 'pydron cloud add' adds one.");
            return;
        }
        List<List<String>> rows =
                new ArrayList<>(List.of(List.of("CLOUD", "KIND", "POOL", "TYPE", "CORES", "PRICE/H")));
        settings.clouds().forEach((name, cloud) -> {
            List<Pool> pools = settings.pools().stream()
                    .filter(it -> it.machine().cloud().equals(name))
                    .toList();
            if (pools.isEmpty()) {
                rows.add(List.of(name, cloud.kind(), "none", "", "", ""));
            }
            pools.forEach(pool -> rows.add(List.of(
                    name,
                    cloud.kind(),
                    pool.name(),
                    pool.machine().type()
                            + (pool.machine().zone().isEmpty()
                                    ? ""
                                    : " " + pool.machine().zone()),
                    Integer.toString(pool.size().cores()),
                    pool.perHour() + (pool.price().spot() ? " spot" : ""))));
        });
        out.print(InstancesView.table(rows));
        out.flush();
    }

    /// Returns the exit code: whether all is well.
    public int test(String name) {
        Settings settings = file.read();
        CloudSettings cloud = settings.clouds().get(name);
        if (cloud == null) {
            try {
                CloudNames.check(settings, name);
            } catch (IllegalArgumentException e) {
                throw new CommandFailure(ExitCode.FAILED, e.getMessage(), e);
            }
        }
        List<Pool> pools = settings.pools().stream()
                .filter(it -> it.machine().cloud().equals(name))
                .toList();
        List<Check> checks = new ArrayList<>();
        try {
            Clouds.Opened opened = open(cloud, name);
            checks.addAll(opened.account().check(pools));
            opened.staging().ifPresent(it -> checks.addAll(it.check()));
            cloud.direct().ifPresent(it -> checks.add(Doors.check(name, it, Running.find(places))));
        } catch (Clouds.Unsupported e) {
            throw new CommandFailure(ExitCode.FAILED, e.getMessage(), e);
        }
        try {
            CloudNames.check(settings, name);
            checks.add(
                    new Check("settings", Check.Outcome.GOOD, pools.size() + (pools.size() == 1 ? " pool" : " pools")));
        } catch (IllegalArgumentException e) {
            checks.add(new Check("settings", Check.Outcome.BAD, e.getMessage()));
        }
        List<List<String>> rows = new ArrayList<>();
        for (Check check : checks) {
            rows.add(List.of(
                    switch (check.outcome()) {
                        case GOOD -> "ok";
                        case WARNING -> "warning";
                        case BAD -> "bad";
                    },
                    check.what(),
                    check.text()));
        }
        out.print(InstancesView.table(rows));
        out.flush();
        boolean bad = checks.stream().anyMatch(it -> it.outcome() == Check.Outcome.BAD);
        return bad ? ExitCode.FAILED.number() : 0;
    }

    /// Whether a cloud of this kind has such a setting.
    public static boolean has(String kind, String key) {
        return SettingsReader.isKey(kind, key);
    }
}
