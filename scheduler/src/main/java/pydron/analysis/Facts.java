package pydron.analysis;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import pydron.analysis.ir.Guard;
import pydron.analysis.ir.Planned;
import pydron.analysis.ir.Read;
import pydron.analysis.ir.Reason;
import pydron.analysis.ir.Rule;

/// What one op does, collected while its expressions are evaluated abstractly.
final class Facts {
    /// Variable to the deepest need, in the order of first use.
    final Map<String, Catalogue.Need> needs = new LinkedHashMap<>();

    final Set<String> assigned = new LinkedHashSet<>();
    /// What variables that the op assigns held before.
    final Map<String, Val> overwritten = new LinkedHashMap<>();
    final Set<Integer> mutated = new TreeSet<>();
    final Set<Integer> looked = new TreeSet<>();
    final Map<Integer, Guard> guards = new LinkedHashMap<>();
    /// Checks of what the variables in `nested` hold.
    final Set<Guard> inside = new LinkedHashSet<>();
    final Set<String> nested = new LinkedHashSet<>();
    final Set<String> atoms = new LinkedHashSet<>();
    final Set<String> unbound = new LinkedHashSet<>();
    /// What it changes is not the value of a variable, but something that was looked up.
    boolean mutatesElsewhere;

    /// It may use up an iterator that came from outside.
    boolean iteratesOutside;

    boolean output;
    boolean inPlaceOnly;
    private Reason blocks;

    /// Notes a check of a node's value; of two, the stricter one holds.
    void guard(Guard guard) {
        guards.merge(guard.node(), guard, (a, b) -> a.kind().compareTo(b.kind()) >= 0 ? a : b);
    }

    void need(String name, Catalogue.Need need) {
        needs.merge(name, need, (a, b) -> a.compareTo(b) >= 0 ? a : b);
    }

    /// The op may do anything; the first reason is the one told.
    void block(Rule rule, String subject) {
        if (blocks == null) {
            blocks = new Reason(rule, subject);
        }
    }

    Optional<Reason> blocks() {
        return Optional.ofNullable(blocks);
    }

    Planned.Needs needs(List<Read> reads) {
        return new Planned.Needs(
                reads,
                Stream.concat(guards.values().stream(), inside.stream()).toList(),
                new ArrayList<>(nested),
                new ArrayList<>(atoms),
                new ArrayList<>(unbound),
                blocks != null,
                blocks());
    }
}
