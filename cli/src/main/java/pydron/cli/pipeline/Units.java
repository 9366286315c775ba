package pydron.cli.pipeline;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import pydron.analysis.Place;
import pydron.analysis.Places;
import pydron.analysis.Template;
import pydron.analysis.ast.Unit;
import pydron.analysis.ir.Reason;
import pydron.analysis.ir.Rule;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;
import pydron.cli.python.Python;
import pydron.cli.session.Session;

/// Asks Python for the pipelines of a script. Only Python can: what a name in them is bound to is known when the
/// script has been imported.
public final class Units {
    private Units() {}

    /// A pipeline that cannot be analysed, because its source cannot be had, or its body does not run when it is
    /// called.
    public record Plain(String name, String file, int line, Reason reason) {}

    /// What was found in a script.
    ///
    /// @param said where sizes are from that are not the script's own constants, in words
    public record Found(Unit unit, List<Plain> plain, Rehearsal.Sizes sizes, List<String> said) {
        public Found {
            plain = List.copyOf(plain);
            said = List.copyOf(said);
        }

        /// For those who only draw the rest.
        public Unit toldOnScreen() {
            plain.forEach(each -> System.err.println(
                    "'" + each.name() + "' runs as it is: " + each.reason().sentence()));
            return unit;
        }

        /// For those who list everything.
        public List<Place> places(List<Template> templates) {
            List<Place> places = new ArrayList<>(Places.of(unit, templates));
            plain.forEach(each -> places.add(new Place(
                    each.name(),
                    each.file(),
                    each.line(),
                    Place.Kind.AS_IT_IS,
                    "def " + each.name(),
                    Optional.of(each.reason()),
                    false,
                    List.of())));
            return places;
        }
    }

    public static Found of(Python python, Map<String, String> environment, String script, Optional<String> function) {
        try (Session session = Session.create(environment)) {
            Path unit = session.folder().resolve("unit");
            String said = write(python, environment, script, function, unit);
            if (!said.isEmpty()) {
                System.err.println(said);
            }
            List<String> notes = new ArrayList<>();
            Rehearsal.Sizes sizes = sizes(session.folder().resolve("unit.sizes"), notes);
            return new Found(
                    Unit.read(Files.readAllBytes(unit)), plain(session.folder().resolve("unit.plain")), sizes, notes);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "cannot import '" + script + "': " + e.getMessage(), e);
        }
    }

    /// Writes the unit to a file, and what else is known to files beside it. Returns what the script said.
    public static String write(
            Python python, Map<String, String> environment, String script, Optional<String> function, Path unit)
            throws IOException {
        try {
            List<String> command =
                    new ArrayList<>(List.of(python.executable(), "-m", "pydron._graph", script, unit.toString()));
            function.ifPresent(command::add);
            // What the script prints while it is imported must not get into the picture.
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD);
            builder.environment().clear();
            builder.environment().putAll(environment);
            builder.environment().put("PYTHONPATH", python.pythonPath(environment.get("PYTHONPATH")));
            Process process = builder.start();
            String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.waitFor() != 0) {
                throw new CommandFailure(ExitCode.UNUSABLE, "cannot analyse '" + script + "': " + lastLine(said));
            }
            return said;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCode.FAILED, "interrupted", e);
        }
    }

    /// Four fields for each, ended by zeros: name, file, line, and the rest of a sentence that begins with "it".
    private static List<Plain> plain(Path file) throws IOException {
        String[] fields = Files.readString(file, StandardCharsets.UTF_8).split("\0", -1);
        List<Plain> found = new ArrayList<>();
        for (int i = 0; i + 4 < fields.length; i += 4) {
            String why = fields[i + 3];
            Rule rule = switch (why) {
                case "is a generator" -> Rule.GENERATOR;
                case "is a coroutine" -> Rule.COROUTINE;
                default -> Rule.NOT_ANALYSABLE;
            };
            found.add(new Plain(fields[i], fields[i + 1], Integer.parseInt(fields[i + 2]), new Reason(rule, why)));
        }
        return found;
    }

    /// Five fields for each, ended by zeros: pipeline, variable, kind, size, and the line of the call that it is from.
    private static Rehearsal.Sizes sizes(Path file, List<String> said) throws IOException {
        String[] fields = Files.readString(file, StandardCharsets.UTF_8).split("\0", -1);
        Map<String, Map<String, Long>> numbers = new TreeMap<>();
        Map<String, Map<String, Long>> lengths = new TreeMap<>();
        for (int i = 0; i + 5 < fields.length; i += 5) {
            boolean number = fields[i + 2].equals("number");
            (number ? numbers : lengths)
                    .computeIfAbsent(fields[i], _ -> new TreeMap<>())
                    .put(fields[i + 1], Long.parseLong(fields[i + 3]));
            if (!fields[i + 4].equals("0")) {
                String what = number ? " is " + fields[i + 3] : " has " + fields[i + 3] + " items";
                said.add("'" + fields[i + 1] + "' of '" + fields[i] + "'" + what + ", as in the call in line "
                        + fields[i + 4]);
            }
        }
        return new Rehearsal.Sizes(numbers, lengths);
    }

    private static String lastLine(String said) {
        return said.isEmpty()
                ? "Python failed and said nothing"
                : said.lines().reduce((_, last) -> last).orElseThrow();
    }
}
