package pydron.cli.elastic;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.function.Consumer;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;
import pydron.provision.settings.InvalidSettings;
import pydron.provision.settings.Settings;
import pydron.provision.settings.SettingsReader;

/// What `pydron config` and `pydron limits` do with the settings.
public final class Configuration {
    private final SettingsFile file;
    private final PrintWriter out;

    public Configuration(Places places, PrintWriter out) {
        this.file = new SettingsFile(places.settings());
        this.out = out;
    }

    /// Each mistake with line and key. Returns the exit code.
    public int check() {
        if (!file.exists()) {
            out.println("pydron: there are no settings at '" + file.path() + "'; 'pydron cloud add' makes them");
            OldConfiguration.find(System.getenv())
                    .ifPresent(
                            it -> out.println("  '" + it + "' is of the original Pydron: 'pydron config convert' prints"
                                    + " what to write instead."));
            return 0;
        }
        try {
            Settings settings = SettingsReader.read(file.text());
            out.println("pydron: '" + file.path() + "' is fine: "
                    + count(settings.clouds().size(), "cloud") + ", "
                    + count(settings.pools().size(), "pool"));
            settings.clouds().keySet().forEach(name -> {
                try {
                    CloudNames.check(settings, name);
                } catch (IllegalArgumentException e) {
                    out.println("  but nothing can start on '" + name + "': " + e.getMessage());
                }
            });
            return 0;
        } catch (InvalidSettings e) {
            e.problems().forEach(it -> out.println(file.path() + ": " + it));
            return ExitCode.FAILED.number();
        }
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    public void path() {
        out.println(file.path());
    }

    public void schema() {
        try (InputStream in = SettingsReader.class.getResourceAsStream("settings.schema.json")) {
            out.print(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            throw new IllegalStateException("the schema cannot be read from Pydron's own jar", e);
        }
    }

    public void limits() {
        Settings settings = file.read();
        var limits = settings.limits();
        var scaling = settings.scaling();
        line("max-instances", Integer.toString(limits.instances()), "at a time");
        line("max-cores", Integer.toString(limits.cores()), "of all instances");
        line("max-per-hour", limits.perHour().toString(), "of all instances");
        line("budget", limits.budget().toString(), "in all, what earlier instances have cost included");
        line("max-lifetime", Words.duration(limits.lifetime()), "of an instance");
        line("idle", Words.duration(scaling.idle()), "without tasks, and an instance ends");
        line("join-within", Words.duration(settings.joinWithin()), "beyond boot time, or an instance is given up");
        line("min-warm", Integer.toString(scaling.warm()), "instances stay, work or not");
        line(
                "spot-for-tasks-up-to",
                Words.duration(scaling.spotBound()),
                "longer tasks start no spot instance; 0s: none does");
    }

    private void line(String key, String value, String text) {
        out.println("%-21s %-9s %s".formatted(key, value, text));
    }

    /// @param values of the table `limits`, as TOML writes them
    public void setLimits(Map<String, String> values) {
        change(file, editor -> values.forEach((key, value) -> editor.set("limits", key, value)));
        limits();
    }

    /// Changes the file as a whole or not at all: settings with mistakes are not written.
    static void change(SettingsFile file, Consumer<TomlEditor> change) {
        String before = file.text();
        TomlEditor editor = new TomlEditor(before);
        file.read();
        change.accept(editor);
        String after = editor.text();
        try {
            SettingsReader.read(after);
        } catch (InvalidSettings e) {
            throw new CommandFailure(
                    ExitCode.FAILED,
                    "cannot change the settings '" + file.path() + "': they would have mistakes",
                    e,
                    e.getMessage().split("\n"));
        }
        if (after.equals(before)) {
            return;
        }
        try {
            Path target = Files.exists(file.path()) ? file.path().toRealPath() : file.path();
            Files.createDirectories(target.getParent());
            Path draft = Files.createTempFile(target.getParent(), ".pydron", ".toml");
            Files.writeString(draft, after);
            if (Files.exists(target)) {
                Files.setPosixFilePermissions(draft, Files.getPosixFilePermissions(target));
            }
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.FAILED, "cannot write the settings '" + file.path() + "': " + e.getMessage(), e);
        }
    }
}
