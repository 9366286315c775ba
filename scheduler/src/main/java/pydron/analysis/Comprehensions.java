package pydron.analysis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import pydron.analysis.ast.Expr;
import pydron.analysis.ir.Op;
import pydron.analysis.ir.Step;

/// Lowers comprehensions, generator expressions that a call uses up, and `key=` functions, to loops.
final class Comprehensions {
    private final Lower lower;
    private final Calls calls;

    Comprehensions(Lower lower, Calls calls) {
        this.lower = lower;
        this.calls = calls;
    }

    /// `list(…)`, `sum(…)`, … of a generator expression or of `map`: a list of the elements is built first.
    void consume(Expr.Call call, List<Op> out) {
        Expr iterable = calls.consumed(call).orElseThrow();
        if (call.callee() instanceof Expr.Attribute attribute) {
            lower.simple(attribute.value(), out);
        }
        String list = iterable instanceof Expr.Comprehension c ? loops(c, "ListComp", out) : mapped(iterable, out);
        lower.substitutions().put(iterable.id(), list);
        call.keywords().forEach(keyword -> lower.hoist(keyword.value(), out));
    }

    /// `max(items, key=f)`: the keys are computed beforehand, and `max` is given a function that hands them out.
    void keyed(Expr.Call call, List<Op> out) {
        Expr items = call.args().get(0);
        Expr key = calls.key(call).orElseThrow();
        int line = call.line();
        // Both nodes stand for variables of ours, which get their final values after the loop.
        if (items instanceof Expr.Comprehension c && c.kind().equals("GeneratorExp")) {
            lower.substitutions().put(items.id(), loops(c, "ListComp", out));
        } else {
            lower.hoist(items, out);
            if (!lower.isLowered(items)) {
                lower.temporary(items, out);
            }
        }
        String given = lower.substitutions().get(items.id());
        String all = lower.temporary();
        String keys = lower.temporary();
        out.add(new Op.Local(new Step.NewContainer(all, "list"), line));
        out.add(new Op.Local(new Step.NewContainer(keys, "list"), line));
        String item = lower.temporary();
        var itemName = new Expr.Name(-1, line, item);
        var body = new ArrayList<Op>();
        body.add(new Op.Local(new Step.Collect(all, "list", Optional.empty(), itemName), line));
        if (key instanceof Expr.Lambda lambda) {
            rename(lambda.body(), Map.of(lambda.parameters().names().get(0), item));
            lower.hoist(lambda.body(), body);
            body.add(new Op.Local(new Step.Collect(keys, "list", Optional.empty(), lambda.body()), line));
            lower.substitutions().put(key.id(), lower.temporary());
        } else {
            Op.Call once =
                    calls.op(new Expr.Call(call.id(), line, key, List.of(itemName), List.of()), lower.temporary());
            lower.temporary(key, out);
            var function = new Expr.Name(-1, line, lower.substitutions().get(key.id()));
            body.add(new Op.Call(
                    once.target(), once.kind(), once.pipeline(), function, once.args(), List.of(), once.site(), line));
            var value = new Expr.Name(-1, line, once.target());
            body.add(new Op.Local(new Step.Collect(keys, "list", Optional.empty(), value), line));
        }
        out.add(new Op.For(itemName, new Expr.Name(-1, line, given), body, List.of(), line));
        out.add(new Op.Local(new Step.Bind(given, new Expr.Name(-1, line, all)), line));
        out.add(new Op.Local(new Step.Replay(lower.substitutions().get(key.id()), keys), line));
        for (Expr.Keyword keyword : call.keywords()) {
            if (keyword.value() != key) {
                lower.hoist(keyword.value(), out);
            }
        }
    }

    private String mapped(Expr iterable, List<Op> out) {
        var map = (Expr.Call) iterable;
        Expr items = map.args().get(1);
        lower.simple(items, out);
        String result = lower.temporary();
        String item = lower.temporary();
        String value = lower.temporary();
        out.add(new Op.Local(new Step.NewContainer(result, "list"), map.line()));
        var body = new ArrayList<Op>();
        var itemName = new Expr.Name(-1, map.line(), item);
        body.add(calls.op(new Expr.Call(map.id(), map.line(), map.args().get(0), List.of(itemName), List.of()), value));
        body.add(new Op.Local(
                new Step.Collect(result, "list", Optional.empty(), new Expr.Name(-1, map.line(), value)), map.line()));
        out.add(new Op.For(itemName, items, body, List.of(), map.line()));
        return result;
    }

    String loops(Expr.Comprehension c, String kind, List<Op> out) {
        String container = switch (kind) {
            case "SetComp" -> "set";
            case "DictComp" -> "dict";
            default -> "list";
        };
        separate(c);
        String result = lower.temporary();
        lower.hoist(c.clauses().get(0).iterable(), out);
        out.add(new Op.Local(new Step.NewContainer(result, container), c.line()));
        Supplier<List<Op>> collect = () -> {
            var ops = new ArrayList<Op>();
            c.key().ifPresent(key -> lower.simple(key, ops));
            lower.hoist(c.element(), ops);
            ops.add(new Op.Local(new Step.Collect(result, container, c.key(), c.element()), c.line()));
            return ops;
        };
        out.addAll(clause(c, 0, collect, List::of));
        return result;
    }

    /// `any`, `all` and `next` of a generator expression: loops that end where an element decides.
    void search(Expr.Call call, List<Op> out) {
        Expr.Comprehension c = calls.searched(call).orElseThrow();
        int line = call.line();
        separate(c);
        String result = lower.temporary();
        lower.substitutions().put(call.id(), result);
        boolean picks = call.args().size() > 1;
        boolean value = picks || calls.isAny(call);
        String flag = picks ? lower.temporary() : result;
        Expr first = c.clauses().get(0).iterable();
        if (picks && !(call.args().get(1) instanceof Expr.Constant)) {
            lower.simple(first, out); // What to fall back on is evaluated when the generator is there.
        }
        lower.hoist(first, out);
        if (picks) {
            lower.hoist(call.args().get(1), out);
            out.add(new Op.Local(new Step.Bind(result, call.args().get(1)), line));
        }
        out.add(new Op.Local(new Step.Flag(flag, !value), line));
        Supplier<List<Op>> look = () -> {
            var ops = new ArrayList<Op>();
            lower.hoist(c.element(), ops);
            List<Op> decided = List.of(new Op.Local(new Step.Flag(flag, value), line), new Op.Break(line));
            if (picks) {
                ops.add(new Op.Local(new Step.Bind(result, c.element()), line));
                ops.addAll(decided);
            } else {
                ops.add(when(c.element(), value, decided, line));
            }
            return ops;
        };
        // Behind a loop that was ended because an element decided, the one around it ends too.
        out.addAll(clause(
                c,
                0,
                look,
                () -> List.of(when(new Expr.Name(-1, line, flag), value, List.of(new Op.Break(line)), line))));
    }

    /// If the test comes out as `value`.
    private static Op when(Expr test, boolean value, List<Op> then, int line) {
        return new Op.If(test, value ? then : List.of(), value ? List.of() : then, line);
    }

    /// Gives the loop variables of a comprehension names of their own, as its own scope did.
    private void separate(Expr.Comprehension c) {
        var renames = new HashMap<String, String>();
        for (Expr.Clause clause : c.clauses()) {
            bound(clause.target()).forEach(name -> renames.computeIfAbsent(name, old -> lower.temporary() + old));
        }
        for (int i = 0; i < c.clauses().size(); i++) {
            Expr.Clause clause = c.clauses().get(i);
            if (i > 0) {
                rename(clause.iterable(), renames);
            }
            rename(clause.target(), renames);
            clause.conditions().forEach(condition -> rename(condition, renames));
        }
        c.key().ifPresent(key -> rename(key, renames));
        rename(c.element(), renames);
    }

    /// Renames loop variables. In scopes within the comprehension their names may be those of other variables.
    private void rename(Expr expr, Map<String, String> renames) {
        switch (expr) {
            case Expr.Name name -> {
                if (renames.containsKey(name.name()) && !lower.isLowered(name)) {
                    lower.substitutions().put(name.id(), renames.get(name.name()));
                }
            }
            case Expr.Comprehension inner -> {
                var outer = new HashMap<>(renames);
                inner.clauses().forEach(clause -> outer.keySet().removeAll(bound(clause.target())));
                for (int i = 0; i < inner.clauses().size(); i++) {
                    Expr.Clause clause = inner.clauses().get(i);
                    // What the first one goes over is evaluated outside.
                    rename(clause.iterable(), i == 0 ? renames : outer);
                    rename(clause.target(), outer);
                    clause.conditions().forEach(condition -> rename(condition, outer));
                }
                inner.key().ifPresent(key -> rename(key, outer));
                rename(inner.element(), outer);
            }
            case Expr.Lambda lambda -> {
                lambda.parameters().defaults().forEach(value -> rename(value, renames));
                var outer = new HashMap<>(renames);
                outer.keySet().removeAll(lambda.parameters().names());
                rename(lambda.body(), outer);
            }
            default -> Walk.childrenOf(expr).forEach(child -> rename(child, renames));
        }
    }

    /// The variables that a target of a comprehension gives values to.
    private static Set<String> bound(Expr target) {
        var found = new TreeSet<String>();
        switch (target) {
            case Expr.Name name -> found.add(name.name());
            case Expr.Display display -> display.elements().forEach(element -> found.addAll(bound(element)));
            case Expr.Starred starred -> found.addAll(bound(starred.value()));
            default -> {}
        }
        return found;
    }

    /// @param inner what is done for each element
    /// @param after what follows each loop but the outermost
    private List<Op> clause(Expr.Comprehension c, int index, Supplier<List<Op>> inner, Supplier<List<Op>> after) {
        if (index == c.clauses().size()) {
            return inner.get();
        }
        var ops = new ArrayList<Op>();
        Expr.Clause clause = c.clauses().get(index);
        if (index > 0) {
            lower.hoist(clause.iterable(), ops);
        }
        var body = conditions(clause, 0, () -> clause(c, index + 1, inner, after));
        lower.over(clause.target(), clause.iterable(), body, List.of(), c.line(), ops);
        if (index > 0) {
            ops.addAll(after.get());
        }
        return ops;
    }

    private List<Op> conditions(Expr.Clause clause, int index, Supplier<List<Op>> inner) {
        if (index == clause.conditions().size()) {
            return inner.get();
        }
        var ops = new ArrayList<Op>();
        Expr condition = clause.conditions().get(index);
        lower.hoist(condition, ops);
        ops.add(new Op.If(condition, conditions(clause, index + 1, inner), List.of(), condition.line()));
        return ops;
    }
}
