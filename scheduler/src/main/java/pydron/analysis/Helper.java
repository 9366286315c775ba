package pydron.analysis;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import pydron.analysis.ir.Reason;

/// What is known of a function of the user's without decorators: whether calling it is nothing but computing a value.
///
/// @param impure why it is more than that
/// @param changes the numbers of parameters whose objects it changes
/// @param inside those of them where it may also change what the objects hold
/// @param parameters the parameters that arguments can be given to by position
/// @param atom it returns numbers, strings and the like
/// @param aliases what it returns may be, or hold, what it was given
/// @param methods guards of the methods that it calls of what it is given
/// @param external what it returns may be, or hold, something that was there before
record Helper(
        Optional<Reason> impure,
        Set<Integer> changes,
        Set<Integer> inside,
        List<String> parameters,
        boolean atom,
        boolean aliases,
        boolean external,
        Set<String> methods) {
    Helper {
        changes = Set.copyOf(changes);
        inside = Set.copyOf(inside);
        parameters = List.copyOf(parameters);
        methods = Collections.unmodifiableSortedSet(new TreeSet<>(methods));
    }

    /// Where the search begins: a function of which nothing bad is known yet.
    static final Helper INNOCENT =
            new Helper(Optional.empty(), Set.of(), Set.of(), List.of(), true, false, false, Set.of());

    boolean isPure() {
        return impure.isEmpty() && changes.isEmpty();
    }

    static Helper impure(Reason reason) {
        return new Helper(Optional.of(reason), Set.of(), Set.of(), List.of(), false, true, true, Set.of());
    }
}
