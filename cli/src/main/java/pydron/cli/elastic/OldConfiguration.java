package pydron.cli.elastic;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;

/// The `pydron.conf` of the original Pydron: a JSON object whose `workers` are of the types `multicore`, `ssh` and
/// `cloud`. Says what to write instead. Keys and passwords in it are not repeated.
public final class OldConfiguration {
    private OldConfiguration() {}

    /// Where the original looks for it, in this order.
    static Optional<Path> find(Map<String, String> environment) {
        List<Path> places = new ArrayList<>();
        String named = environment.getOrDefault("PYDRON_CONF", "");
        if (!named.isEmpty()) {
            places.add(Path.of(named));
        }
        places.add(Path.of("pydron.conf").toAbsolutePath());
        places.add(Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")), "pydron.conf"));
        places.add(Path.of("/etc/pydron.conf"));
        return places.stream().filter(Files::isRegularFile).findFirst();
    }

    /// The same in the new form, with comments about what is to be done.
    ///
    /// @param file null: where the original looks for it
    public static String convert(String file, Map<String, String> environment) {
        Path path = file != null
                ? Path.of(file)
                : find(environment)
                        .orElseThrow(() -> new CommandFailure(
                                ExitCode.NOT_FOUND,
                                "there is no pydron.conf here, in the home folder, or in /etc",
                                "Name it: 'pydron config convert FILE'."));
        JsonObject root;
        try {
            JsonElement parsed = JsonParser.parseString(Files.readString(path));
            if (!parsed.isJsonObject()) {
                throw bad(path, "it is no JSON object");
            }
            root = parsed.getAsJsonObject();
        } catch (NoSuchFileException e) {
            throw new CommandFailure(ExitCode.NOT_FOUND, "cannot read '" + path + "': no such file", e);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.UNUSABLE, "cannot read '" + path + "': " + e.getMessage(), e);
        } catch (JsonParseException e) {
            throw bad(path, "it is no JSON: " + e.getMessage());
        }
        if (!(root.get("workers") instanceof JsonArray workers)) {
            throw bad(path, "it has no list 'workers'");
        }
        StringBuilder text =
                new StringBuilder("# From '" + path + "'. Put into the file that 'pydron config path' names.\n");
        List<String> hosts = new ArrayList<>();
        List<String> pools = new ArrayList<>();
        int number = 0;
        int fewest = Integer.MAX_VALUE;
        for (JsonElement element : workers) {
            number++;
            if (!(element instanceof JsonObject worker)) {
                throw bad(path, "worker " + number + " is no object");
            }
            switch (text(worker, "type")) {
                case "multicore" ->
                    text.append("# worker ")
                            .append(number)
                            .append(", multicore: nothing to write, 'pydron run --slots ")
                            .append(cores(worker))
                            .append(" script.py' does it.\n");
                case "ssh" -> {
                    String user = text(worker, "username");
                    String host = text(worker, "hostname");
                    if (host.isEmpty()) {
                        throw bad(path, "worker " + number + " has no 'hostname'");
                    }
                    hosts.add((user.isEmpty() ? "" : user + "@") + host);
                    fewest = Math.min(fewest, cores(worker));
                }
                case "cloud" -> text.append(cloud(worker, number, pools));
                case String other -> throw bad(path, "worker " + number + " is of an unknown type '" + other + "'");
            }
        }
        if (!hosts.isEmpty()) {
            text.append("\n[cloud.hosts]\nkind = \"ssh\"\nhosts = ").append(TomlEditor.list(hosts));
            pools.add("[[pool]]\nname = \"hosts\"\ncloud = \"hosts\"\ntype = \"host\"\ncores = " + fewest
                    + "\nmemory = \"1GiB\"  # as much as the smallest has\nper-hour = 0\n");
            text.append("\n# Passwords are not supported: 'ssh-copy-id' installs a key.\n");
        }
        if (!pools.isEmpty()) {
            text.append("\n[limits]\nmax-instances = ")
                    .append(pools.size())
                    .append("\nmax-cores = 16\nmax-per-hour = 1\nbudget = 10\n");
        }
        pools.forEach(it -> text.append("\n").append(it));
        return text.toString();
    }

    private static String cloud(JsonObject worker, int number, List<String> pools) {
        String name = "cloud-" + number;
        pools.add("[[pool]]\nname = \"" + name + "\"\ncloud = \"" + name + "\"\ntype = "
                + TomlEditor.quoted(text(worker, "sizeid")) + "\ncores = " + cores(worker)
                + "\nmemory = \"1GiB\"  # as much as the type has\nper-hour = 0.10  # what it costs\n");
        return "\n# worker " + number + ", cloud '" + text(worker, "provider")
                + "': keys are not copied; put them where the AWS command line looks for them.\n[cloud." + name
                + "]\nkind = \"aws\"\nimage = " + TomlEditor.quoted(text(worker, "imageid")) + "\n";
    }

    private static String text(JsonObject worker, String key) {
        JsonElement value = worker.get(key);
        return value != null && value.isJsonPrimitive() ? value.getAsString() : "";
    }

    private static int cores(JsonObject worker) {
        String cores = text(worker, "cores");
        return cores.matches("[1-9][0-9]{0,3}") ? Integer.parseInt(cores) : 1;
    }

    private static CommandFailure bad(Path path, String why) {
        return new CommandFailure(ExitCode.UNUSABLE, "'" + path + "' is no pydron.conf: " + why);
    }
}
