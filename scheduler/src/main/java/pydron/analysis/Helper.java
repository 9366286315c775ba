package pydron.analysis;

import java.util.Optional;
import pydron.analysis.ir.Reason;

/// What is known of a function of the user's without decorators: whether calling it is nothing but computing a value.
///
/// @param impure why it is more than that
/// @param atom it returns numbers, strings and the like
/// @param aliases what it returns may be, or hold, what it was given
/// @param external what it returns may be, or hold, something that was there before
record Helper(Optional<Reason> impure, boolean atom, boolean aliases, boolean external) {
    /// Where the search begins: a function of which nothing bad is known yet.
    static final Helper INNOCENT = new Helper(Optional.empty(), true, false, false);

    boolean isPure() {
        return impure.isEmpty();
    }

    static Helper impure(Reason reason) {
        return new Helper(Optional.of(reason), false, true, true);
    }
}
