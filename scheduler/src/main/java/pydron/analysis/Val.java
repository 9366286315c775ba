package pydron.analysis;

import java.util.Collections;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/// What is known of a value: an element of the lattice of the flow analysis.
///
/// @param sites objects made in this function that it may be (numbers of the expressions that make them)
/// @param external it may be an object that came from outside, or that outside code has got hold of
/// @param pending it may be a pending value
/// @param holds an external object that may hold pending values
/// @param unbound the variable may have no value
/// @param safe operators on it run no code of the user's (within one op)
record Val(
        SortedSet<Integer> sites,
        boolean external,
        boolean pending,
        boolean holds,
        boolean unbound,
        boolean safe,
        Kind kind) {

    enum Kind {
        ATOM,
        LIST,
        DICT,
        /// A dictionary that makes what it does not have.
        DEFAULTDICT,
        SET,
        TUPLE,
        ITERATOR,
        /// An object made here of the library type that the catalogue names for the place.
        OBJECT,
        ANY;

        boolean isDict() {
            return this == DICT || this == DEFAULTDICT;
        }
    }

    static final Val ATOM = new Val(none(), false, false, false, false, true, Kind.ATOM);
    static final Val EXTERNAL = new Val(none(), true, false, false, false, false, Kind.ANY);
    static final Val UNBOUND = new Val(none(), false, false, false, true, false, Kind.ATOM);

    Val {
        sites = Collections.unmodifiableSortedSet(new TreeSet<>(sites));
    }

    static SortedSet<Integer> none() {
        return Collections.emptySortedSet();
    }

    static Val made(int site, Kind kind) {
        return new Val(new TreeSet<>(Set.of(site)), false, false, false, false, false, kind);
    }

    Val join(Val other) {
        if (equals(other)) {
            return this;
        }
        var all = new TreeSet<>(sites);
        all.addAll(other.sites);
        return new Val(
                all,
                external || other.external,
                pending || other.pending,
                holds || other.holds,
                unbound || other.unbound,
                safe && other.safe,
                onlyUnbound() ? other.kind : other.onlyUnbound() || kind == other.kind ? kind : Kind.ANY);
    }

    private boolean onlyUnbound() {
        return unbound && kind == Kind.ATOM && sites.isEmpty() && !external;
    }

    /// Whether only the driver can say what type it has.
    boolean isOfAnyType() {
        return kind == Kind.ANY || kind == Kind.ITERATOR || kind == Kind.OBJECT;
    }

    Val withPending(boolean now) {
        return now == pending ? this : new Val(sites, external, now, holds, unbound, safe, kind);
    }

    Val withHolds(boolean now) {
        return now == holds ? this : new Val(sites, external, pending, now, unbound, safe, kind);
    }

    Val withSafe(boolean now) {
        return now == safe || kind == Kind.ATOM ? this : new Val(sites, external, pending, holds, unbound, now, kind);
    }

    Val withUnbound(boolean now) {
        return now == unbound ? this : new Val(sites, external, pending, holds, now, safe, kind);
    }

    Val withExternal() {
        return external ? this : new Val(sites, true, pending, holds, unbound, safe, kind);
    }

    Val withKind(Kind now) {
        return now == kind ? this : new Val(sites, external, pending, holds, unbound, safe, now);
    }
}
