package pydron.analysis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Stmt;
import pydron.analysis.ir.Op;
import pydron.analysis.ir.Step;
import pydron.analysis.ir.Step.Progress.Moment;

/// Lowers statements to ops: calls that may become tasks get an op of their own (A-normal form, in Python's order of
/// evaluation), `continue` becomes structure where that is possible, and the rest stays the user's code.
///
/// A lowered expression node is replaced, wherever it occurs, by the variable in {@link #substitutions()}.
final class Lower {
    private final Names names;
    private final Calls calls;
    private final Comprehensions comprehensions;
    private final Assignments assignments;
    private final Rebound rebound;
    private final Map<Integer, String> substitutions = new LinkedHashMap<>();
    private final Map<Integer, Boolean> containsCall = new HashMap<>();
    private int temporaries;

    Lower(Names names) {
        this.names = names;
        this.calls = new Calls(names);
        this.rebound = new Rebound(names.rebinds());
        this.assignments = new Assignments(this, calls, names, rebound);
        this.comprehensions = new Comprehensions(this, calls);
    }

    /// Node number to the variable that holds its value.
    Map<Integer, String> substitutions() {
        return substitutions;
    }

    List<Op> block(List<Stmt> body) {
        return block(body, false);
    }

    /// @param last whether nothing of the loop's body comes after this block, so that `continue` means its end
    private List<Op> block(List<Stmt> whole, boolean last) {
        var body = last ? ContinueStructure.dropLast(whole) : whole;
        var ops = new ArrayList<Op>();
        for (int i = 0; i < body.size(); i++) {
            Stmt stmt = body.get(i);
            var rest = body.subList(i + 1, body.size());
            if (last && !rest.isEmpty() && stmt instanceof Stmt.If test && ContinueStructure.applies(test)) {
                statement(ContinueStructure.nest(test, rest), true, ops);
                return ops;
            }
            if (last && !rest.isEmpty() && stmt instanceof Stmt.Try attempt && ContinueStructure.nests(attempt)) {
                statement(ContinueStructure.nest(attempt, rest), true, ops);
                return ops;
            }
            if (last && !rest.isEmpty() && stmt instanceof Stmt.Try attempt && ContinueStructure.applies(attempt)) {
                String skip = temporary();
                ops.add(new Op.Local(new Step.Flag(skip, false), stmt.line()));
                attempt(attempt, Optional.of(skip), false, ops);
                var test = new Expr.Name(-1, stmt.line(), skip);
                ops.add(new Op.If(test, List.of(), block(rest, true), stmt.line()));
                return ops;
            }
            statement(stmt, last && rest.isEmpty(), ops);
        }
        return ops;
    }

    String temporary() {
        return "$" + temporaries++;
    }

    void plain(Stmt stmt, List<Op> out) {
        out.add(new Op.Local(new Step.Statement(stmt), stmt.line()));
    }

    private void statement(Stmt stmt, boolean last, List<Op> out) {
        switch (stmt) {
            case Stmt.Assign s -> assignments.assign(s, out);
            case Stmt.AugAssign s -> assignments.augmented(s, out);
            case Stmt.AnnAssign s -> {
                s.value().ifPresent(value -> hoist(value, out));
                plain(s, out);
            }
            case Stmt.ExprStmt s -> {
                if (calls.hoistable(s.value()) && s.value() instanceof Expr.Call call) {
                    call(call, temporary(), out);
                } else {
                    hoist(s.value(), out);
                    plain(s, out);
                }
            }
            case Stmt.Return s -> {
                Optional<Expr> value = s.value().map(expr -> simple(expr, out));
                out.add(new Op.Return(value, s.line()));
            }
            case Stmt.If s -> {
                hoist(s.test(), out);
                out.add(new Op.If(s.test(), block(s.body(), last), block(s.orelse(), last), s.line()));
            }
            case Stmt.For s -> {
                hoist(s.iterable(), out);
                over(s.target(), s.iterable(), block(s.body(), true), block(s.orelse()), s.line(), out);
            }
            case Stmt.While s -> {
                var prepare = new ArrayList<Op>();
                if (s.orelse().isEmpty()) {
                    hoist(s.test(), prepare);
                }
                out.add(new Op.While(prepare, s.test(), block(s.body(), true), block(s.orelse()), s.line()));
            }
            case Stmt.Try s -> attempt(s, Optional.empty(), last, out);
            case Stmt.With s -> with(s, 0, out);
            case Stmt.Raise s -> {
                s.exception().ifPresent(e -> hoist(e, out));
                plain(s, out);
            }
            case Stmt.Assert s -> {
                hoist(s.test(), out);
                plain(s, out);
            }
            case Stmt.Break s -> out.add(new Op.Break(s.line()));
            case Stmt.Continue s -> out.add(new Op.Continue(s.line()));
            case Stmt.Pass _, Stmt.Declare _ -> {}
            case Stmt.Delete _, Stmt.FunctionDef _, Stmt.Other _ -> plain(stmt, out);
        }
    }

    /// A loop. A progress bar around what it iterates over is output of its own: the loop goes over the items
    /// themselves, and the bar follows in program order.
    void over(Expr target, Expr iterable, List<Op> body, List<Op> orelse, int line, List<Op> out) {
        if (isLowered(iterable) || !calls.showsProgress(iterable) || !(iterable instanceof Expr.Call bar)) {
            out.add(loop(target, iterable, body, orelse, line));
            return;
        }
        rebound.inOrder(arguments(bar), arg -> simple(arg, out));
        String name = temporary();
        out.add(new Op.Local(new Step.Progress(name, Moment.BEGIN, Optional.of(bar)), line));
        var whole = new ArrayList<Op>();
        whole.add(new Op.Local(new Step.Progress(name, Moment.ADVANCE, Optional.empty()), line));
        whole.addAll(body);
        var end = new ArrayList<Op>();
        end.add(new Op.Local(new Step.Progress(name, Moment.END, Optional.empty()), line));
        end.addAll(orelse);
        out.add(loop(target, bar.args().get(0), whole, end, line));
        out.add(new Op.Local(new Step.Progress(name, Moment.CLOSE, Optional.empty()), line));
    }

    /// An item that is taken apart may be pending: then taking it apart is an op of its own.
    private Op.For loop(Expr target, Expr iterable, List<Op> body, List<Op> orelse, int line) {
        boolean shared = Walk.childrenOf(target).stream().anyMatch(this::isShared) || isShared(target);
        if (!shared && (target instanceof Expr.Name || (isFlat(target) && calls.makesTuples(iterable)))) {
            return new Op.For(target, iterable, body, orelse, line);
        }
        String item = temporary();
        var whole = new ArrayList<Op>();
        whole.add(new Op.Local(new Step.Store(target, item), line));
        whole.addAll(body);
        return new Op.For(new Expr.Name(-1, line, item), iterable, whole, orelse, line);
    }

    private boolean isShared(Expr target) {
        return target instanceof Expr.Name name && names.isShared(name.name());
    }

    private static boolean isFlat(Expr target) {
        return target instanceof Expr.Display display
                && display.elements().stream().allMatch(Expr.Name.class::isInstance);
    }

    private void attempt(Stmt.Try s, Optional<String> skip, boolean last, List<Op> out) {
        if (!s.finalbody().isEmpty()) {
            var inner = new ArrayList<Op>();
            if (s.handlers().isEmpty()) {
                inner.addAll(block(s.body()));
            } else {
                catching(s, skip, false, inner);
            }
            out.add(new Op.Finally(inner, block(s.finalbody()), s.line()));
        } else {
            catching(s, skip, last, out);
        }
    }

    private void catching(Stmt.Try s, Optional<String> skip, boolean last, List<Op> out) {
        var handlers = new ArrayList<Op.Handler>();
        for (Stmt.Handler handler : s.handlers()) {
            List<Stmt> body = handler.body();
            boolean skips = skip.isPresent() && ContinueStructure.endsWithContinue(body);
            var ops = new ArrayList<>(block(skips ? body.subList(0, body.size() - 1) : body, last && !skips));
            if (skips) {
                ops.add(new Op.Local(new Step.Flag(skip.get(), true), handler.line()));
            }
            handlers.add(new Op.Handler(handler.type(), handler.name(), ops, handler.line()));
        }
        out.add(new Op.Try(block(s.body()), handlers, block(s.orelse(), last), s.line()));
    }

    private void with(Stmt.With s, int index, List<Op> out) {
        Stmt.Item item = s.items().get(index);
        hoist(item.context(), out);
        List<Op> body = new ArrayList<>();
        if (index + 1 < s.items().size()) {
            with(s, index + 1, body);
        } else {
            body = block(s.body());
        }
        out.add(new Op.With(item.context(), item.target(), body, s.line()));
    }

    // ---- expressions

    /// Whether evaluating the expression reaches a call that can be taken out of it.
    boolean contains(Expr expr) {
        Boolean known = containsCall.get(expr.id());
        if (known != null && expr.id() >= 0) {
            return known;
        }
        boolean found = calls.hoistable(expr)
                || calls.consumed(expr).isPresent()
                || calls.searched(expr).isPresent()
                || calls.key(expr).isPresent()
                || switch (expr) {
                    case Expr.Lambda _ -> false;
                    case Expr.Comprehension c ->
                        contains(c.clauses().get(0).iterable())
                                || (!c.kind().equals("GeneratorExp") && comprehensionContains(c));
                    case Expr.Compare c ->
                        contains(c.left()) || contains(c.comparators().get(0));
                    default -> Walk.childrenOf(expr).stream().anyMatch(this::contains);
                };
        containsCall.put(expr.id(), found);
        return found;
    }

    private boolean comprehensionContains(Expr.Comprehension c) {
        return contains(c.element())
                || c.key().map(this::contains).orElse(false)
                || c.clauses().stream()
                        .anyMatch(clause -> contains(clause.iterable())
                                || clause.conditions().stream().anyMatch(this::contains));
    }

    boolean isLowered(Expr expr) {
        return substitutions.containsKey(expr.id());
    }

    /// Takes all calls out of an expression.
    void hoist(Expr expr, List<Op> out) {
        if (isLowered(expr) || !contains(expr)) {
            return;
        }
        switch (expr) {
            case Expr.Call call
            when calls.hoistable(call) -> {
                String result = temporary();
                call(call, result, out);
                substitutions.put(call.id(), result);
            }
            case Expr.Call call when calls.key(call).isPresent() -> comprehensions.keyed(call, out);
            case Expr.Call call when calls.consumed(call).isPresent() -> comprehensions.consume(call, out);
            case Expr.Call call when calls.searched(call).isPresent() -> comprehensions.search(call, out);
            case Expr.Conditional c -> {
                if (!contains(c.then()) && !contains(c.otherwise())) {
                    hoist(c.test(), out);
                    return;
                }
                hoist(c.test(), out);
                String result = temporary();
                out.add(new Op.If(c.test(), bind(result, c.then()), bind(result, c.otherwise()), c.line()));
                substitutions.put(c.id(), result);
            }
            case Expr.Bool b -> bool(b, out);
            case Expr.Comprehension c -> {
                hoist(c.clauses().get(0).iterable(), out);
                if (!c.kind().equals("GeneratorExp") && comprehensionContains(c)) {
                    substitutions.put(c.id(), comprehensions.loops(c, c.kind(), out));
                }
            }
            case Expr.Compare c -> inOrder(List.of(c.left(), c.comparators().get(0)), out);
            case Expr.Walrus w -> {
                hoist(w.value(), out);
                String name = ((Expr.Name) w.target()).name();
                if (names.isShared(name) || rebound.follows(name)) {
                    String value = temporary();
                    out.add(new Op.Local(new Step.Bind(value, w.value()), w.line()));
                    out.add(new Op.Local(new Step.Bind(name, new Expr.Name(-1, w.line(), value)), w.line()));
                    substitutions.put(w.id(), value);
                } else {
                    out.add(new Op.Local(new Step.Bind(name, w.value()), w.line()));
                    substitutions.put(w.id(), name);
                }
            }
            case Expr.Call call -> {
                // The object of a method call is evaluated first; the method is looked up where it is called.
                var siblings = new ArrayList<>(Walk.childrenOf(call));
                if (call.callee() instanceof Expr.Attribute attribute
                        && names.binding(attribute).isEmpty()) {
                    siblings.set(0, attribute.value());
                }
                inOrder(siblings, out);
            }
            default -> inOrder(Walk.childrenOf(expr), out);
        }
    }

    private List<Op> bind(String name, Expr value) {
        var ops = new ArrayList<Op>();
        hoist(value, ops);
        ops.add(new Op.Local(new Step.Bind(name, value), value.line()));
        return ops;
    }

    private void bool(Expr.Bool b, List<Op> out) {
        int last = 0;
        for (int i = 1; i < b.values().size(); i++) {
            if (contains(b.values().get(i))) {
                last = i;
            }
        }
        if (last == 0) {
            hoist(b.values().get(0), out);
            return;
        }
        String result = temporary();
        out.addAll(bind(result, b.values().get(0)));
        boolRest(b, 1, result, out);
        substitutions.put(b.id(), result);
    }

    private void boolRest(Expr.Bool b, int index, String result, List<Op> out) {
        if (index == b.values().size()) {
            return;
        }
        var ops = bind(result, b.values().get(index));
        boolRest(b, index + 1, result, ops);
        var test = new Expr.Name(-1, b.line(), result);
        out.add(
                b.operator().equals("And")
                        ? new Op.If(test, ops, List.of(), b.line())
                        : new Op.If(test, List.of(), ops, b.line()));
    }

    /// Takes calls out of siblings that Python evaluates in this order: what is evaluated before a call stays before
    /// it.
    void inOrder(List<Expr> siblings, List<Op> out) {
        int last = -1;
        for (int i = 0; i < siblings.size(); i++) {
            if (contains(siblings.get(i))) {
                last = i;
            }
        }
        Expr end = last < 0 ? null : siblings.get(last);
        rebound.inOrder(siblings.subList(0, last + 1), sibling -> {
            if (sibling == end) {
                hoist(sibling, out);
            } else {
                simple(sibling, out);
            }
        });
    }

    /// Makes the expression one that can be evaluated later and elsewhere as well as now.
    Expr simple(Expr expr, List<Op> out) {
        if (isLowered(expr)) {
            return expr;
        }
        switch (expr) {
            case Expr.Constant _ -> {}
            case Expr.Lambda lambda when lambda.parameters().defaults().isEmpty() -> {}
            case Expr.Name name when !names.isShared(name.name()) && !rebound.follows(name.name()) -> check(name, out);
            case Expr.Starred starred -> simple(starred.value(), out);
            case Expr.Slice slice -> rebound.inOrder(Walk.childrenOf(slice), child -> simple(child, out));
            case Expr.Attribute attribute when names.binding(attribute).isPresent() -> {}
            // The object of a method call must stay in place: binding the method early would look into it early.
            case Expr.Attribute attribute -> {
                if (contains(attribute)) {
                    hoist(attribute, out);
                }
                temporary(expr, out);
            }
            case Expr.Call call when calls.hoistable(call) -> hoist(call, out);
            default -> {
                hoist(expr, out);
                if (!isLowered(expr)) {
                    temporary(expr, out);
                }
            }
        }
        return expr;
    }

    /// The variable may have no value, and reading it comes before what is taken out of the expression.
    void check(Expr.Name name, List<Op> out) {
        if (names.isLocal(name.name())
                && !names.isShared(name.name())
                && !name.name().startsWith("$")) {
            out.add(new Op.Local(new Step.Check(name), name.line()));
        } else if (!names.isLocal(name.name()) && names.binding(name).isEmpty()) {
            out.add(new Op.Local(new Step.Bind(temporary(), name), name.line()));
        }
    }

    void temporary(Expr expr, List<Op> out) {
        String name = temporary();
        out.add(new Op.Local(new Step.Bind(name, expr), expr.line()));
        substitutions.put(expr.id(), name);
    }

    void call(Expr.Call call, String target, List<Op> out) {
        var parts = arguments(call);
        Expr object = call.callee() instanceof Expr.Attribute attribute
                        && names.binding(attribute).isEmpty()
                ? attribute.value()
                : null;
        if (object != null) {
            parts.add(0, object);
        }
        rebound.inOrder(parts, part -> {
            if (part == object) {
                simple(part, out);
            } else {
                argument(part, out);
            }
        });
        out.add(calls.op(call, target));
    }

    private static List<Expr> arguments(Expr.Call call) {
        var all = new ArrayList<>(call.args());
        call.keywords().forEach(keyword -> all.add(keyword.value()));
        return all;
    }

    /// Displays of simple things stay in the call: their elements may still be pending then.
    private void argument(Expr arg, List<Op> out) {
        switch (arg) {
            case Expr.Display display
            when !display.kind().equals("Set") -> rebound.inOrder(display.elements(), each -> argument(each, out));
            case Expr.Dict dict
            when dict.entries().stream()
                    .allMatch(e ->
                            e.key().filter(key -> key instanceof Expr.Constant).isPresent()) ->
                rebound.inOrder(dict.entries().stream().map(Expr.Entry::value).toList(), each -> argument(each, out));
            default -> simple(arg, out);
        }
    }
}
