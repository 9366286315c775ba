package pydron.cli.elastic;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/// What a program needs installed, from a requirements file of pip's or a `pyproject.toml`, as one text that another
/// machine can do something with: files that it includes are put in, pip's settings of this machine become options in
/// it, and what is only on this machine is left out, or refused.
final class Requirements {
    /// Files that are looked for beside a script, in this order.
    static final List<String> NAMES = List.of("requirements.txt", "pyproject.toml");

    private static final long MOST_BYTES = 4 << 20;
    private static final Pattern FILE_OPTION =
            Pattern.compile("(-r|--requirement|-c|--constraint|-e|--editable)(?:\\s*=\\s*|\\s+|(?<=-[rce]))(\\S.*)");
    private static final Pattern COMMENT = Pattern.compile("(^|\\s+)#.*$");
    private static final Pattern ARCHIVE = Pattern.compile(".*\\.(whl|zip|tar\\.(gz|bz2|xz)|tgz)");

    /// Settings of pip that mean the same elsewhere, with the options that say so in a file.
    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("PIP_INDEX_URL", "--index-url"),
            Map.entry("PIP_EXTRA_INDEX_URL", "--extra-index-url"),
            Map.entry("PIP_FIND_LINKS", "--find-links"),
            Map.entry("PIP_TRUSTED_HOST", "--trusted-host"),
            Map.entry("PIP_ONLY_BINARY", "--only-binary"),
            Map.entry("PIP_NO_BINARY", "--no-binary"),
            Map.entry("PIP_NO_INDEX", "--no-index"),
            Map.entry("PIP_PRE", "--pre"),
            Map.entry("PIP_PREFER_BINARY", "--prefer-binary"));
    private static final Set<String> SWITCHES = Set.of("PIP_NO_INDEX", "PIP_PRE", "PIP_PREFER_BINARY");

    /// @param file where it is from
    /// @param notes for the user, about what was left out
    record Found(String file, String requirements, String constraints, List<String> notes) {
        Found {
            notes = List.copyOf(notes);
        }
    }

    private final StringBuilder requirements = new StringBuilder();
    private final StringBuilder constraints = new StringBuilder();
    private final List<String> notes = new ArrayList<>();
    private final Set<Path> seen = new LinkedHashSet<>();
    private boolean any;

    private Requirements() {}

    /// The file beside a script, if there is one that requires something.
    ///
    /// @param pip settings of pip, from the environment
    /// @throws IllegalArgumentException in words, what is wrong with it
    static Optional<Found> beside(Path folder, Map<String, String> pip) {
        for (String name : NAMES) {
            Path file = folder.resolve(name);
            if (Files.isRegularFile(file)) {
                Optional<Found> found = of(file, pip);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    /// Empty when the file requires nothing.
    ///
    /// @throws IllegalArgumentException in words, what is wrong with it
    static Optional<Found> of(Path file, Map<String, String> pip) {
        Requirements made = new Requirements();
        made.settings(pip);
        if (file.getFileName().toString().endsWith(".toml")) {
            made.project(file);
        } else {
            made.read(file, made.requirements);
        }
        if (!made.any && made.notes.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Found(
                file.toString(),
                made.any ? made.requirements.toString() : "",
                made.any ? made.constraints.toString() : "",
                made.notes));
    }

    private void settings(Map<String, String> pip) {
        SETTINGS.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(it -> {
            String value = pip.getOrDefault(it.getKey(), "").strip();
            if (value.isEmpty()) {
                return;
            }
            if (SWITCHES.contains(it.getKey())) {
                if (!Set.of("0", "false", "off", "no", "n", "f").contains(value.toLowerCase(java.util.Locale.ROOT))) {
                    requirements.append(it.getValue()).append('\n');
                }
                return;
            }
            for (String one : value.split("\\s+")) {
                requirements.append(it.getValue()).append(' ').append(one).append('\n');
            }
        });
        String file = pip.getOrDefault("PIP_CONSTRAINT", "").strip();
        if (!file.isEmpty()) {
            for (String one : file.split("\\s+")) {
                include(Path.of(""), one, constraints, "PIP_CONSTRAINT");
            }
        }
    }

    private static String text(Path file) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new IllegalArgumentException("'" + file + "' is larger than " + (MOST_BYTES >> 20) + " MB");
            }
            String text = Files.readString(file, StandardCharsets.UTF_8);
            if (text.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("'" + file + "' is no text");
            }
            return text;
        } catch (MalformedInputException e) {
            throw new IllegalArgumentException("'" + file + "' is no text in UTF-8", e);
        } catch (IOException e) {
            String why = Files.exists(file) ? e.getMessage() : "no such file";
            throw new IllegalArgumentException("cannot read '" + file + "': " + why, e);
        }
    }

    private void read(Path file, StringBuilder to) {
        Path whole = file.toAbsolutePath().normalize();
        if (!seen.add(whole)) {
            return;
        }
        StringBuilder logical = new StringBuilder();
        int number = 0;
        int first = 1;
        for (String line : text(file).lines().toList()) {
            number++;
            if (logical.isEmpty()) {
                first = number;
            }
            logical.append(line).append('\n');
            if (!line.endsWith("\\") || line.stripLeading().startsWith("#")) {
                line(whole, first, logical.toString(), to);
                logical.setLength(0);
            }
        }
        if (!logical.isEmpty()) {
            line(whole, first, logical.toString(), to);
        }
    }

    private void line(Path file, int number, String raw, StringBuilder to) {
        String line =
                COMMENT.matcher(raw.replace("\\\n", " ").strip()).replaceAll("").strip();
        if (line.isEmpty()) {
            return;
        }
        String where = "'" + file + "', line " + number;
        Matcher option = FILE_OPTION.matcher(line);
        if (option.matches()) {
            String what = option.group(2).strip();
            switch (option.group(1)) {
                case "-r", "--requirement" -> include(file.getParent(), what, to, where);
                case "-c", "--constraint" -> include(file.getParent(), what, constraints, where);
                case String _ when isRemote(what) -> add(raw, to);
                case String _ -> leaveOut(where, line);
            }
        } else if (line.startsWith("-") || isRemote(line)) {
            if (line.startsWith("-")) {
                to.append(raw);
            } else {
                add(raw, to);
            }
        } else {
            requirement(file, where, line, raw, to);
        }
    }

    private void requirement(Path file, String where, String line, String raw, StringBuilder to) {
        String place = line.split("[;\\s\\[]", 2)[0];
        boolean here = place.startsWith(".") || place.startsWith("/") || place.startsWith("~");
        boolean archive = ARCHIVE.matcher(place).matches();
        if (line.contains("file:") || archive) {
            throw new IllegalArgumentException(where + ": '" + line + "' is a file of this machine, which instances"
                    + " do not have. Name a version and say with --find-links where instances find it, or put it"
                    + " into their image and take the line out");
        }
        if (here || Files.isDirectory(file.resolveSibling(place)) && place.contains("/")) {
            leaveOut(where, line);
            return;
        }
        add(raw, to);
    }

    private void add(String raw, StringBuilder to) {
        any |= to == requirements;
        to.append(raw);
    }

    private void leaveOut(String where, String line) {
        notes.add(
                where + ": '" + line + "' is left out, as it is only on this machine; its modules are brought when they"
                        + " are imported, what it requires is not");
    }

    private static boolean isRemote(String what) {
        return what.contains("://") && !what.contains("file://");
    }

    private void include(Path folder, String name, StringBuilder to, String where) {
        if (isRemote(name)) {
            to.append(to == constraints ? "-c " : "-r ").append(name).append('\n');
            any |= to == requirements;
            return;
        }
        Path file = folder.resolve(name);
        if (!Files.isReadable(file)) {
            throw new IllegalArgumentException(where + ": cannot read '" + file + "'");
        }
        read(file, to);
    }

    private void project(Path file) {
        TomlParseResult toml = Toml.parse(text(file));
        if (toml.hasErrors()) {
            var first = toml.errors().getFirst();
            throw new IllegalArgumentException(
                    "'" + file + "', line " + first.position().line() + ": " + first.getMessage());
        }
        if (!(toml.get(List.of("project")) instanceof TomlTable project)) {
            if (toml.get(List.of("tool", "poetry", "dependencies")) instanceof TomlTable) {
                notes.add("'" + file + "' has dependencies of Poetry's own form, which are not installed on instances;"
                        + " 'poetry export' makes a requirements.txt of them");
            }
            return;
        }
        switch (project.get(List.of("dependencies"))) {
            case null -> {
                if (project.get(List.of("dynamic")) instanceof TomlArray dynamic
                        && dynamic.toList().contains("dependencies")) {
                    notes.add("'" + file + "' says that its dependencies are dynamic, so they are not installed on"
                            + " instances; --requirements names a file that has them");
                }
            }
            case TomlArray all -> {
                for (int i = 0; i < all.size(); i++) {
                    String where =
                            "'" + file + "', line " + all.inputPositionOf(i).line();
                    if (!(all.get(i) instanceof String one) || one.indexOf('\n') >= 0) {
                        throw new IllegalArgumentException(where + ": a dependency is a text in one line");
                    }
                    if (!one.isBlank()) {
                        requirement(file.toAbsolutePath(), where, one.strip(), one.strip() + "\n", requirements);
                    }
                }
            }
            default ->
                throw new IllegalArgumentException("'" + file + "': project.dependencies must be a list of texts");
        }
    }
}
