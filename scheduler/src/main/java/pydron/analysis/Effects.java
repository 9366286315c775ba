package pydron.analysis;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;

/// What a sequence of ops does, taken together.
final class Effects {
    final Set<String> used = new LinkedHashSet<>();
    final Set<String> assigned = new LinkedHashSet<>();
    final Set<Integer> mutated = new TreeSet<>();
    final Set<Integer> looked = new TreeSet<>();
    /// What code that is set aside changes, or looks at while somebody changes it.
    final Set<Integer> later = new TreeSet<>();
    boolean waits;
    boolean blocks;
    boolean leaves;
    boolean inPlaceOnly;
    boolean issues;
    boolean mutatesElsewhere;
    boolean iteratesOutside;

    void add(Effects inner) {
        used.addAll(inner.used);
        assigned.addAll(inner.assigned);
        mutated.addAll(inner.mutated);
        looked.addAll(inner.looked);
        later.addAll(inner.later);
        waits |= inner.waits;
        blocks |= inner.blocks;
        leaves |= inner.leaves;
        inPlaceOnly |= inner.inPlaceOnly;
        issues |= inner.issues;
        mutatesElsewhere |= inner.mutatesElsewhere;
        iteratesOutside |= inner.iteratesOutside;
    }
}
