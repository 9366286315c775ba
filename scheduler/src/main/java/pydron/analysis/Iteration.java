package pydron.analysis;

import java.util.Set;
import java.util.TreeSet;
import pydron.analysis.Val.Kind;
import pydron.analysis.ast.Expr;

/// What iterating over values does. An iterator is used up, so whoever looks at its items changes it, and the
/// containers behind it are looked at only then.
final class Iteration {
    private final Evaluator in;
    /// The iterators made in this function.
    private final Set<Integer> iterators = new TreeSet<>();

    Iteration(Evaluator in) {
        this.in = in;
    }

    /// An iterator over what is in `source`; its items are, or hold, `element`.
    Val iterator(Expr.Call e, Val element, Val source) {
        iterators.add(e.id());
        return view(e, element, source);
    }

    /// Something that can be iterated over again and again, and shows what is in `source` at that time.
    Val view(Expr.Call e, Val element, Val source) {
        in.state.make(e.id(), element);
        in.state.derive(e.id(), source);
        return Val.made(e.id(), Kind.ITERATOR).withSafe(true);
    }

    /// An iterator over tuples of a first element and others.
    Val pairs(Expr.Call e, Val first, Val others, Val source) {
        return iterator(e, tuple(e, first, others), source);
    }

    Val tuple(Expr.Call e, Val first, Val others) {
        Val tuple = Val.made(e.callee().id(), Kind.TUPLE);
        in.state.make(e.callee().id(), others);
        in.state.storeKey(tuple, first);
        return tuple;
    }

    /// Items of the value are looked at.
    void over(Val value) {
        var sources = in.state.sources(value);
        in.facts.looked.addAll(sources);
        var used = new TreeSet<>(sources);
        used.retainAll(iterators);
        in.facts.mutated.addAll(used);
        // It may be an iterator from outside, known under other names.
        in.facts.iteratesOutside |= value.kind() == Kind.ANY || in.state.isExternal(value);
    }
}
