package pydron.analysis;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import pydron.analysis.ast.Unit;

/// What is known of functions and methods that Pydron did not decorate: the purity catalogue, data in one file a
/// library (docs/catalogue.md). What is not listed is opaque: it may do anything.
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
        /// Changes one of its arguments, or its object, and nothing else.
        MUTATES,
        OUTPUT,
        OPAQUE
    }

    /// What comes back.
    enum Result {
        /// An immutable that holds nothing.
        ATOM,
        /// A new object, which may hold what the arguments hold.
        FRESH,
        /// A new list of the arguments' elements.
        LIST,
        SET,
        DICT,
        /// An iterator over the arguments' elements.
        ITERATOR,
        /// An iterator over tuples of the arguments' elements, which are taken at the call.
        TUPLES,
        /// Something that may share storage with the object, or the first argument.
        VIEW,
        /// Something that may share storage with any argument.
        ALIAS
    }

    /// @param changed 0: the object of a method, n: the n-th argument
    /// @param type the exact type of a fresh result, empty when it is not always the same
    /// @param total consumes an iterable argument to its end, whatever the items are
    /// @param progress iterating over the result shows how far the loop is
    /// @param enters entering the result as a context gives the result itself, and does nothing else
    /// @param most how many positional arguments it may be given: a further one would be changed
    /// @param unless keywords with which it may change its arguments, or return one of them
    /// @param calls arguments that it calls: positions from 1, and keywords
    record Entry(
            Effect effect,
            int changed,
            Need need,
            Result result,
            String type,
            boolean total,
            boolean progress,
            boolean enters,
            int most,
            Set<String> calls,
            Set<String> unless) {
        Entry {
            unless = Set.copyOf(unless);
            calls = Set.copyOf(calls);
        }

        boolean isPure() {
            return effect == Effect.PURE;
        }
    }

    private final Map<String, Entry> callables = new HashMap<>();
    /// Name of a method to the types that have it.
    private final Map<String, SortedMap<String, Entry>> methods = new HashMap<>();

    static final Catalogue STANDARD = CatalogueReader.standard();

    /// The standard catalogue, and what a project says on top of it.
    static Catalogue with(List<Unit.Extra> extras) {
        if (extras.isEmpty()) {
            return STANDARD;
        }
        var catalogue = new Catalogue();
        catalogue.callables.putAll(STANDARD.callables);
        STANDARD.methods.forEach((name, types) -> catalogue.methods.put(name, new TreeMap<>(types)));
        for (Unit.Extra extra : extras) {
            new CatalogueReader(catalogue, extra.file()).read(extra.text());
        }
        return catalogue;
    }

    void addCallable(String canonical, Entry entry) {
        callables.put(canonical, entry);
    }

    void addMethod(String type, String name, Entry entry) {
        methods.computeIfAbsent(name, _ -> new TreeMap<>()).put(type, entry);
    }

    /// @param canonical "math.sqrt", or "builtins.str.upper" for a method that is called through its class
    Optional<Entry> callable(String canonical) {
        Entry exact = callables.get(canonical);
        if (exact != null) {
            return Optional.of(exact);
        }
        int dot = canonical.lastIndexOf('.');
        if (dot < 0) {
            return Optional.empty();
        }
        return Optional.ofNullable(methods.getOrDefault(canonical.substring(dot + 1), Collections.emptySortedMap())
                        .get(canonical.substring(0, dot)))
                .map(Catalogue::unbound);
    }

    /// A method whose object is given as its first argument.
    private static Entry unbound(Entry entry) {
        if (entry.effect() != Effect.MUTATES) {
            return entry;
        }
        return new Entry(
                entry.effect(),
                entry.changed() + 1,
                Need.DEEP,
                entry.result(),
                entry.type(),
                entry.total(),
                entry.progress(),
                entry.enters(),
                entry.most() == Integer.MAX_VALUE ? entry.most() : entry.most() + 1,
                entry.calls(),
                entry.unless());
    }

    /// The types that are known to have a method of this name, and what it does there.
    SortedMap<String, Entry> methods(String name) {
        return Collections.unmodifiableSortedMap(methods.getOrDefault(name, Collections.emptySortedMap()));
    }

    SortedMap<String, Entry> methods(String name, Collection<String> types) {
        var found = new TreeMap<>(methods(name));
        found.keySet().retainAll(types);
        return found;
    }

    /// Names of all callables and methods ("type.method"), for tests.
    List<String> names() {
        var all = new ArrayList<>(callables.keySet());
        methods.forEach((name, types) -> types.keySet().forEach(type -> all.add(type + "." + name)));
        Collections.sort(all);
        return all;
    }
}
