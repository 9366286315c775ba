package pydron.analysis;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// What is known at one point of a pipeline: of its variables, and of the objects made in it.
final class State {
    private final SharedMap<String, Val> variables;
    /// Object to what it may hold; of a dictionary, the values.
    private final SharedMap<Integer, Val> contents;
    /// Dictionary to its keys; tuple to its first element, where that is told apart.
    private final SharedMap<Integer, Val> keys;

    /// Iterator or view to what it takes its items from.
    private final SharedMap<Integer, Val> sources;

    /// Record to what its attributes may be, one by one.
    private final SharedMap<Integer, Map<String, Val>> attributes;

    private final SharedMap<Integer, Boolean> escaped;
    /// What an object holds in which nobody looks for pending values: it must never hold any.
    private final SharedMap<Integer, Boolean> sealed;

    State() {
        this(
                new SharedMap<>(),
                new SharedMap<>(),
                new SharedMap<>(),
                new SharedMap<>(),
                new SharedMap<>(),
                new SharedMap<>(),
                new SharedMap<>());
    }

    private State(
            SharedMap<String, Val> variables,
            SharedMap<Integer, Val> contents,
            SharedMap<Integer, Val> keys,
            SharedMap<Integer, Val> sources,
            SharedMap<Integer, Map<String, Val>> attributes,
            SharedMap<Integer, Boolean> escaped,
            SharedMap<Integer, Boolean> sealed) {
        this.variables = variables;
        this.contents = contents;
        this.keys = keys;
        this.sources = sources;
        this.attributes = attributes;
        this.escaped = escaped;
        this.sealed = sealed;
    }

    State copy() {
        return new State(
                variables.copy(),
                contents.copy(),
                keys.copy(),
                sources.copy(),
                attributes.copy(),
                escaped.copy(),
                sealed.copy());
    }

    Val variable(String name) {
        return shown(variables.getOrDefault(name, Val.UNBOUND));
    }

    boolean knows(String name) {
        return variables.containsKey(name);
    }

    Collection<String> names() {
        return variables.keys();
    }

    void assign(String name, Val val) {
        keep(val);
        variables.put(name, val.withSafe(false).withUnbound(false));
    }

    void set(String name, Val val) {
        keep(val);
        variables.put(name, val);
    }

    void unbind(String name) {
        variables.put(name, Val.UNBOUND);
    }

    boolean isExternal(Val val) {
        return val.external() || val.sites().stream().anyMatch(escaped::containsKey);
    }

    /// A new object, or more of the objects made at the same place.
    void make(int site, Val holding) {
        contents.merge(site, holding, Val::join);
    }

    /// A container that must not hold pending values is none that Pydron knows how to fill with them.
    private Val shown(Val val) {
        return switch (val.kind()) {
            case LIST, DICT, DEFAULTDICT, SET ->
                val.sites().stream().anyMatch(sealed::containsKey) ? val.withKind(Val.Kind.ANY) : val;
            case ATOM, TUPLE, ITERATOR, OBJECT, ANY -> val;
        };
    }

    /// An iterator or view goes where it may be used later, by anybody: nobody looks into it for pending values, so
    /// there
    /// must be none behind it.
    void keep(Val val) {
        for (int site : val.sites()) {
            Val source = sources.get(site);
            if (source != null) {
                seal(source);
            }
        }
    }

    /// From now on the object, and what it holds, holds no pending values.
    void seal(Val val) {
        reach(val).forEach(site -> sealed.put(site, true));
    }

    void store(Val container, Val element) {
        keep(element);
        if (container.kind() == Val.Kind.ANY || container.kind() == Val.Kind.OBJECT) {
            seal(element);
        }
        for (int site : container.sites()) {
            contents.merge(site, element, Val::join);
            Map<String, Val> known = attributes.get(site);
            if (known != null) {
                // It may be any of them.
                var all = new TreeMap<String, Val>();
                known.forEach((name, value) -> all.put(name, value.join(element)));
                attributes.put(site, all);
            }
        }
    }

    /// A new record, or more of the records made at the same place.
    void makeRecord(int site, Map<String, Val> values) {
        values.values().forEach(value -> make(site, value));
        attributes.merge(site, values, State::joined);
    }

    private static Map<String, Val> joined(Map<String, Val> one, Map<String, Val> other) {
        var all = new TreeMap<>(one);
        other.forEach((name, value) -> all.merge(name, value, Val::join));
        return all;
    }

    /// Gives an attribute a value.
    void storeAttribute(Val object, String name, Val value) {
        for (int site : object.sites()) {
            Map<String, Val> known = attributes.get(site);
            if (known == null || !known.containsKey(name)) {
                store(Val.made(site, Val.Kind.ANY), value);
            } else {
                seal(value);
                contents.merge(site, value, Val::join);
                attributes.put(site, joined(known, Map.of(name, value)));
            }
        }
    }

    /// What an attribute of the value is, if that is told apart from the other attributes.
    Optional<Val> attribute(Val object, String name) {
        if (isExternal(object) || object.sites().isEmpty()) {
            return Optional.empty();
        }
        Val found = null;
        for (int site : object.sites()) {
            Map<String, Val> known = attributes.get(site);
            if (known == null || !known.containsKey(name)) {
                return Optional.empty();
            }
            found = found == null ? known.get(name) : found.join(known.get(name));
        }
        return Optional.of(shown(found.withSafe(false).withUnbound(false)));
    }

    /// Where an iterator or view takes its items from.
    void derive(int site, Val source) {
        sources.merge(site, source, Val::join);
    }

    /// The objects that are looked at when the items of the value are: itself, and those behind it.
    SortedSet<Integer> sources(Val value) {
        var seen = new TreeSet<>(value.sites());
        var open = new ArrayDeque<>(seen);
        while (!open.isEmpty()) {
            Val source = sources.get(open.pop());
            if (source != null) {
                source.sites().stream().filter(seen::add).forEach(open::push);
            }
        }
        return seen;
    }

    /// What a dictionary, if it is one, gets as a key.
    void storeKey(Val container, Val key) {
        for (int site : container.sites()) {
            keys.merge(site, key, Val::join);
        }
    }

    /// What the keys of a dictionary may be.
    Optional<Val> keysOf(Val container) {
        return container.sites().stream()
                .map(keys::get)
                .filter(Objects::nonNull)
                .reduce(Val::join);
    }

    /// What an element of the value may be; of a dictionary, a key or a value.
    Val element(Val container) {
        Val found = lookup(container);
        return keysOf(container)
                .map(key -> found.join(key).withSafe(false).withUnbound(false))
                .orElse(found);
    }

    /// What indexing the value may give; of a dictionary, a value.
    Val lookup(Val container) {
        Val found = null;
        for (int site : container.sites()) {
            Val held = contents.get(site);
            if (held != null) {
                found = found == null ? held : found.join(held);
            }
        }
        if (container.kind() == Val.Kind.ANY || container.kind() == Val.Kind.OBJECT) {
            // Indexing an array gives a view of it.
            Val view = new Val(
                    container.sites(),
                    container.external(),
                    container.holds(),
                    container.holds(),
                    false,
                    false,
                    Val.Kind.ANY);
            found = found == null ? view : found.join(view).withKind(Val.Kind.ANY);
        }
        if (isExternal(container)) {
            Val outside = Val.EXTERNAL.withPending(container.holds()).withHolds(container.holds());
            found = found == null ? outside : found.join(outside);
        }
        return found == null ? Val.ATOM : shown(found.withSafe(false).withUnbound(false));
    }

    /// The object and everything that can be reached from it.
    SortedSet<Integer> reach(Val val) {
        var seen = new TreeSet<>(val.sites());
        var open = new ArrayDeque<>(seen);
        while (!open.isEmpty()) {
            int container = open.pop();
            for (var holding : List.of(contents, keys, sources)) {
                Val held = holding.get(container);
                if (held != null) {
                    for (int site : held.sites()) {
                        if (seen.add(site)) {
                            open.push(site);
                        }
                    }
                }
            }
        }
        return seen;
    }

    /// Whether something inside the value may be pending.
    boolean mayHold(Val val) {
        return val.holds()
                || reach(val).stream()
                        .flatMap(site -> Stream.of(contents, keys).map(holding -> holding.get(site)))
                        .anyMatch(held -> held != null && (held.pending() || held.holds()));
    }

    /// Whether one of the objects may hold something from outside.
    boolean holdsExternal(Collection<Integer> objects) {
        return objects.stream()
                .flatMap(site -> Stream.of(contents, keys, sources).map(holding -> holding.get(site)))
                .anyMatch(held -> held != null && isExternal(held));
    }

    void escape(Val val) {
        reach(val).forEach(site -> escaped.put(site, true));
    }

    boolean hasEscaped(int site) {
        return escaped.containsKey(site);
    }

    State join(State other) {
        var joined = copy();
        other.variables.forEachNotIn(
                variables,
                (name, value) ->
                        joined.variables.merge(name, knows(name) ? value : value.withUnbound(true), Val::join));
        variables.forEachNotIn(other.variables, (name, value) -> {
            if (!other.knows(name)) {
                joined.variables.put(name, value.withUnbound(true));
            }
        });
        joined.contents.mergeAll(other.contents, Val::join);
        joined.keys.mergeAll(other.keys, Val::join);
        joined.attributes.mergeAll(other.attributes, State::joined);
        joined.sources.mergeAll(other.sources, Val::join);
        joined.escaped.mergeAll(other.escaped, Boolean::logicalOr);
        joined.sealed.mergeAll(other.sealed, Boolean::logicalOr);
        return joined;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof State state
                && variables.equals(state.variables)
                && contents.equals(state.contents)
                && keys.equals(state.keys)
                && attributes.equals(state.attributes)
                && sources.equals(state.sources)
                && escaped.equals(state.escaped)
                && sealed.equals(state.sealed);
    }

    @Override
    public int hashCode() {
        return variables.hashCode() * 31 + contents.hashCode();
    }
}
