package pydron.analysis;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What is known of functions and methods that Pydron did not decorate: the purity catalogue, kept as data in
/// `catalogue.txt`. What is not listed is opaque: it may do anything.
final class Catalogue {
    /// How deep a callable looks into its arguments.
    enum Need {
        /// Passes them on without looking: a pending value may stay pending.
        CARRY,
        /// Looks at the object, not at what it holds.
        SHALLOW,
        /// Looks at everything inside.
        DEEP
    }

    enum Effect {
        PURE,
        OUTPUT
    }

    /// What comes back: an immutable atom, a new container of the arguments' elements, an iterator over them, or
    /// something that may share storage with the arguments.
    enum Result {
        ATOM,
        LIST,
        SET,
        DICT,
        ITERATOR,
        ALIAS
    }

    /// @param total consumes an iterable argument to its end, whatever the items are
    record Entry(Effect effect, Need need, Result result, boolean total) {}

    private final Map<String, Entry> callables = new HashMap<>();
    private final Map<String, Entry> prefixes = new HashMap<>();
    private final Set<String> opaque = new HashSet<>();
    private final Set<String> pureMethods = new HashSet<>();
    private final Set<String> mutators = new HashSet<>();

    static final Catalogue STANDARD = read("catalogue.txt");

    private static Catalogue read(String resource) {
        var catalogue = new Catalogue();
        try (var in = Catalogue.class.getResourceAsStream(resource);
                var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                String text = line.strip();
                if (!text.isEmpty() && !text.startsWith("#")) {
                    catalogue.add(text);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return catalogue;
    }

    private void add(String line) {
        String[] words = line.split("\\s+");
        switch (words[0]) {
            case "opaque" -> {
                for (int i = 1; i < words.length; i++) {
                    opaque.add(words[i]);
                }
            }
            case "methods" -> {
                for (int i = 1; i < words.length; i++) {
                    pureMethods.add(words[i]);
                }
            }
            case "mutators" -> {
                for (int i = 1; i < words.length; i++) {
                    mutators.add(words[i]);
                }
            }
            case "pure", "output" -> {
                var entry = new Entry(
                        Effect.valueOf(words[0].toUpperCase(java.util.Locale.ROOT)),
                        Need.valueOf(words[1].toUpperCase(java.util.Locale.ROOT)),
                        Result.valueOf(words[2].toUpperCase(java.util.Locale.ROOT)),
                        words[3].equals("total"));
                for (int i = entry.total() ? 4 : 3; i < words.length; i++) {
                    if (words[i].endsWith("*")) {
                        prefixes.put(words[i].substring(0, words[i].length() - 1), entry);
                    } else {
                        callables.put(words[i], entry);
                    }
                }
            }
            default -> throw new IllegalStateException("catalogue: " + line);
        }
    }

    Optional<Entry> callable(String canonical) {
        if (opaque.contains(canonical)) {
            return Optional.empty();
        }
        Entry exact = callables.get(canonical);
        if (exact != null) {
            return Optional.of(exact);
        }
        for (int dot = canonical.lastIndexOf('.'); dot > 0; dot = canonical.lastIndexOf('.', dot - 1)) {
            Entry entry = prefixes.get(canonical.substring(0, dot + 1));
            if (entry != null) {
                return opaque.contains(canonical.substring(0, dot + 1)) ? Optional.empty() : Optional.of(entry);
            }
            if (opaque.contains(canonical.substring(0, dot + 1))) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    /// Whether a method of this name changes nothing on any of the types that the driver's guard knows to be safe.
    boolean isPureMethod(String name) {
        return pureMethods.contains(name);
    }

    /// Whether a method of this name changes a built-in container.
    boolean isMutator(String name) {
        return mutators.contains(name);
    }
}
