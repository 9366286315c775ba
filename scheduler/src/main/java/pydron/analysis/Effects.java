package pydron.analysis;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;

/// What a sequence of ops does, taken together.
final class Effects {
    final Set<String> used = new LinkedHashSet<>();
    final Set<String> assigned = new LinkedHashSet<>();
    /// Variables with objects from outside that an operator changes in place, unless they are immutable.
    final Set<String> augmented = new LinkedHashSet<>();
    /// Assigned to by anything else.
    final Set<String> renewed = new LinkedHashSet<>();

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

    /// Whether an object that others may see is changed in place, and it is not known beforehand which.
    boolean changesUnknown() {
        return augmented.stream().anyMatch(renewed::contains);
    }

    void add(Effects inner) {
        used.addAll(inner.used);
        assigned.addAll(inner.assigned);
        augmented.addAll(inner.augmented);
        renewed.addAll(inner.renewed);
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
