package pydron.analysis;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import pydron.analysis.Catalogue.Need;
import pydron.analysis.Val.Kind;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Stmt;
import pydron.analysis.ast.Unit.Binding;
import pydron.analysis.ir.Guard;
import pydron.analysis.ir.Rule;
import pydron.analysis.ir.Step;

/// Executes ordinary statements abstractly.
final class Steps {
    private final Names names;
    private final Evaluator evaluator;

    Steps(Names names, Evaluator evaluator) {
        this.names = names;
        this.evaluator = evaluator;
    }

    /// Names an expression reads, lowered nodes replaced by their variables.
    Set<String> reads(Expr expr) {
        var found = new LinkedHashSet<String>();
        collect(expr, found);
        return found;
    }

    /// Names that the value of a binding reads.
    Set<String> reads(Step.Bind bind) {
        return evaluator.inPlaceOf(bind, () -> reads(bind.value()));
    }

    private void collect(Expr expr, Set<String> into) {
        var variable = evaluator.variable(expr);
        if (variable.isPresent()) {
            into.add(variable.get());
            return;
        }
        Walk.childrenOf(expr).forEach(child -> collect(child, into));
    }

    void run(Step step, State state, Facts facts) {
        switch (step) {
            case Step.Statement(Stmt stmt) -> statement(stmt, state, facts);
            case Step.Bind bind -> evaluator.assign(bind.name(), evaluator.eval(bind));
            case Step.Store store -> {
                facts.need(store.name(), storeNeed(store.target()));
                if (store.target() instanceof Expr.Display) {
                    evaluator.iteration.over(state.variable(store.name()));
                    facts.nested.add(store.name());
                }
                target(store.target(), state.variable(store.name()), state, facts);
            }
            case Step.NewContainer made -> {
                Kind kind = Kind.valueOf(made.kind().toUpperCase(java.util.Locale.ROOT));
                int site = site(made.name());
                state.make(site, Val.UNBOUND);
                evaluator.assign(made.name(), Val.made(site, kind));
            }
            case Step.Collect collect -> {
                facts.need(collect.name(), Need.SHALLOW);
                collect.key().ifPresent(key -> {
                    Val value = evaluator.eval(key, Need.DEEP);
                    evaluator.guard(key, value, Guard.Kind.DEEP);
                    state.storeKey(state.variable(collect.name()), value);
                });
                boolean hashes = collect.kind().equals("set");
                Val element = evaluator.eval(collect.value(), hashes ? Need.DEEP : Need.CARRY);
                if (hashes) {
                    evaluator.guard(collect.value(), element, Guard.Kind.DEEP);
                }
                Val container = state.variable(collect.name());
                state.store(container, element);
                facts.mutated.addAll(container.sites());
            }
            case Step.Update update ->
                augment(update.name(), update.operator(), update.value(), site(update.name()), state, facts);
            case Step.Replay replay -> {
                facts.need(replay.list(), Need.DEEP);
                facts.looked.addAll(state.reach(state.variable(replay.list())));
                evaluator.assign(replay.name(), Val.EXTERNAL);
            }
            case Step.Check check -> evaluator.eval(check.name(), Need.CARRY);
            case Step.Progress progress -> {
                facts.output = true;
                if (progress.call().isPresent()) {
                    evaluator.calls.progress(progress.call().get());
                    evaluator.assign(progress.name(), Val.EXTERNAL);
                } else {
                    facts.need(progress.name(), Need.SHALLOW);
                }
            }
            case Step.Flag flag -> evaluator.assign(flag.name(), Val.ATOM);
        }
    }

    /// Temporaries are made at one place each: their names tell objects made for them apart.
    private static int site(String temporary) {
        return -2 - Integer.parseInt(temporary.replaceAll("\\D", ""));
    }

    /// Whether only names get values that may stay pending: no part of the value is taken apart in turn.
    private boolean isFlat(Expr.Display display) {
        return display.elements().stream()
                .map(part -> part instanceof Expr.Starred starred ? starred.value() : part)
                .allMatch(part -> part instanceof Expr.Name && needOf(part) == Need.CARRY);
    }

    private Need storeNeed(Expr target) {
        if (target instanceof Expr.Display display && isFlat(display)) {
            return Need.SHALLOW;
        }
        return target instanceof Expr.Subscript subscript && holdsPending(subscript) ? Need.CARRY : Need.DEEP;
    }

    /// Whether an element may be pending: a slice takes the value apart.
    private boolean holdsPending(Expr.Subscript target) {
        if (evaluator.state.isExternal(evaluator.peek(target.value()))) {
            return false;
        }
        return switch (evaluator.kindOf(target.value())) {
            case DICT, DEFAULTDICT -> true;
            case LIST -> evaluator.kindOf(target.index()) == Kind.ATOM && !(target.index() instanceof Expr.Slice);
            case ATOM, SET, TUPLE, ITERATOR, OBJECT, ANY -> false;
        };
    }

    private void statement(Stmt stmt, State state, Facts facts) {
        switch (stmt) {
            case Stmt.Assign s -> assign(s.targets(), s.value(), state, facts);
            case Stmt.AugAssign s -> {
                if (s.target() instanceof Expr.Name) {
                    String name = evaluator.variable(s.target()).orElseThrow();
                    augment(name, s.operator(), s.value(), s.id(), state, facts);
                } else {
                    evaluator.surrender(List.of(s.target(), s.value()), Rule.ATTRIBUTE, evaluator.source(s.target()));
                }
            }
            case Stmt.AnnAssign s -> {
                if (s.value().isEmpty() && s.target() instanceof Expr.Name) {
                    return;
                }
                if (s.value().isPresent() && s.target() instanceof Expr.Name) {
                    assign(List.of(s.target()), s.value().get(), state, facts);
                } else {
                    evaluator.surrender(Walk.expressionsOf(s), Rule.ATTRIBUTE, evaluator.source(s.target()));
                }
            }
            case Stmt.ExprStmt s -> evaluator.eval(s.value(), Need.CARRY);
            case Stmt.Delete s -> delete(s, state, facts);
            case Stmt.Raise s -> {
                s.exception().ifPresent(e -> state.escape(evaluator.eval(e, Need.DEEP)));
                s.cause().ifPresent(e -> state.escape(evaluator.eval(e, Need.DEEP)));
                // Without an exception it raises the one that is being handled, here.
                facts.inPlaceOnly |= s.exception().isEmpty();
            }
            case Stmt.Assert s -> {
                Val test = evaluator.eval(s.test(), Need.DEEP);
                evaluator.guard(s.test(), test, Guard.Kind.SHALLOW);
                s.message().ifPresent(e -> evaluator.perhaps(e, Need.DEEP));
            }
            case Stmt.FunctionDef s -> {
                for (Expr decorator : s.decorators()) {
                    Expr callee = decorator instanceof Expr.Call call ? call.callee() : decorator;
                    boolean ours = names.binding(callee)
                            .filter(b -> b instanceof Binding.Library library
                                    && library.canonical().startsWith("pydron."))
                            .isPresent();
                    if (!ours) {
                        evaluator.surrender(List.of(decorator), Rule.UNKNOWN_CALL, evaluator.source(callee));
                    }
                }
                s.parameters().defaults().forEach(e -> state.escape(evaluator.eval(e, Need.DEEP)));
                define(s.name(), state, facts);
                facts.inPlaceOnly = true;
            }
            case Stmt.Other s -> other(s, state, facts);
            case Stmt.Return _,
                    Stmt.If _,
                    Stmt.For _,
                    Stmt.While _,
                    Stmt.Try _,
                    Stmt.With _,
                    Stmt.Break _,
                    Stmt.Continue _,
                    Stmt.Pass _,
                    Stmt.Declare _ -> throw new IllegalStateException("not an ordinary statement: " + stmt);
        }
    }

    /// A definition binds a name that nested code may share; making the function itself disturbs nobody.
    private void define(String name, State state, Facts facts) {
        facts.assigned.add(name);
        state.assign(name, Val.EXTERNAL);
    }

    private void other(Stmt.Other s, State state, Facts facts) {
        var expressions = new ArrayList<>(s.expressions());
        var bound = new LinkedHashSet<>(s.binds());
        Walk.statements(
                s.inner(),
                inner -> {
                    expressions.addAll(Walk.expressionsOf(inner));
                    switch (inner) {
                        case Stmt.Assign a -> a.targets().forEach(t -> bound.addAll(Targets.names(t, this::reads)));
                        case Stmt.AugAssign a -> bound.addAll(Targets.names(a.target(), this::reads));
                        case Stmt.AnnAssign a -> bound.addAll(Targets.names(a.target(), this::reads));
                        case Stmt.For a -> bound.addAll(Targets.names(a.target(), this::reads));
                        case Stmt.With a ->
                            a.items()
                                    .forEach(i ->
                                            i.target().ifPresent(t -> bound.addAll(Targets.names(t, this::reads))));
                        case Stmt.FunctionDef a -> bound.add(a.name());
                        case Stmt.Other a -> bound.addAll(a.binds());
                        default -> {}
                    }
                },
                _ -> {});
        evaluator.surrender(expressions, Rule.STATEMENT, "'" + keyword(s.type()) + "' statements run as they are");
        boolean always = s.bindsAll();
        bound.forEach(name -> {
            facts.assigned.add(name);
            state.set(
                    name, always && s.binds().contains(name) ? Val.EXTERNAL : Val.EXTERNAL.join(state.variable(name)));
        });
        facts.inPlaceOnly = true;
    }

    /// "ClassDef" as people write it.
    private static String keyword(String type) {
        return switch (type) {
            case "ClassDef" -> "class";
            case "ImportFrom" -> "import";
            default -> type.toLowerCase(java.util.Locale.ROOT);
        };
    }

    private void assign(List<Expr> targets, Expr value, State state, Facts facts) {
        if (targets.size() == 1
                && targets.get(0) instanceof Expr.Display left
                && value instanceof Expr.Display right
                && evaluator.variable(value).isEmpty()
                && left.elements().size() == right.elements().size()
                && left.elements().stream().allMatch(Expr.Name.class::isInstance)
                && right.elements().stream().noneMatch(Expr.Starred.class::isInstance)
                && !right.kind().equals("Set")) {
            // The tuple between exists only for a moment: `a, b = b, a` passes values on.
            var values = new ArrayList<Val>();
            for (int i = 0; i < right.elements().size(); i++) {
                values.add(evaluator.eval(
                        right.elements().get(i), needOf(left.elements().get(i))));
            }
            for (int i = 0; i < values.size(); i++) {
                target(left.elements().get(i), values.get(i), state, facts);
            }
            return;
        }
        Need need = Need.CARRY;
        for (Expr target : targets) {
            need = Evaluator.max(
                    need,
                    switch (target) {
                        case Expr.Name name -> needOf(name);
                        case Expr.Display display when isFlat(display) -> Need.SHALLOW;
                        default -> storeNeed(target);
                    });
        }
        Val result = evaluator.eval(value, need);
        for (Expr target : targets) {
            if (target instanceof Expr.Display display) {
                evaluator.guard(value, result, isFlat(display) ? Guard.Kind.SHALLOW : Guard.Kind.DEEP);
                evaluator.iteration.over(result);
            }
        }
        for (Expr target : targets) {
            target(target, result, state, facts);
        }
    }

    private Need needOf(Expr target) {
        return names.isShared(evaluator.variable(target).orElse("")) ? Need.DEEP : Need.CARRY;
    }

    /// Assigns to a target of any form.
    void target(Expr target, Val value, State state, Facts facts) {
        var variable = evaluator.variable(target);
        if (variable.isPresent()) {
            evaluator.assign(variable.get(), value);
            return;
        }
        switch (target) {
            case Expr.Display display -> {
                Val element = state.element(value);
                if (display.elements().size() == 2
                        && value.kind() == Kind.TUPLE
                        && !state.isExternal(value)
                        && state.keysOf(value).isPresent()
                        && display.elements().stream().noneMatch(Expr.Starred.class::isInstance)) {
                    // A pair of a key and a value.
                    Val first = state.keysOf(value).get();
                    target(display.elements().get(0), first, state, facts);
                    target(display.elements().get(1), state.lookup(value), state, facts);
                    return;
                }
                for (Expr part : display.elements()) {
                    if (part instanceof Expr.Starred starred) {
                        state.make(part.id(), element);
                        target(starred.value(), Val.made(part.id(), Kind.LIST), state, facts);
                    } else {
                        target(part, element, state, facts);
                    }
                }
            }
            case Expr.Subscript subscript -> {
                Val base = evaluator.eval(subscript.value(), Need.SHALLOW);
                Val index = evaluator.eval(subscript.index(), Need.DEEP);
                evaluator.guard(subscript.index(), index, Guard.Kind.DEEP);
                if (state.isExternal(base) || base.sites().isEmpty()) {
                    state.escape(value);
                    facts.block(Rule.SHARED_OBJECT, evaluator.source(subscript));
                    return;
                }
                evaluator.guard(subscript.value(), base, Guard.Kind.SHALLOW);
                facts.mutated.addAll(base.sites());
                facts.mutatesElsewhere |= evaluator.variable(subscript.value()).isEmpty();
                facts.looked.addAll(base.sites());
                state.store(base, value);
                if (base.kind().isDict()) {
                    state.storeKey(base, index);
                }
            }
            case Expr.Attribute attribute -> {
                Val base = evaluator.trial(attribute.value(), Need.SHALLOW);
                if (base.external() || base.sites().isEmpty()) {
                    state.escape(value);
                    evaluator.surrender(List.of(target), Rule.ATTRIBUTE, evaluator.source(target));
                    return;
                }
                base = evaluator.eval(attribute.value(), Need.SHALLOW);
                evaluator.guard(attribute.value(), base, Guard.Kind.SHALLOW);
                facts.mutated.addAll(base.sites());
                facts.mutatesElsewhere |= evaluator.variable(attribute.value()).isEmpty();
                facts.looked.addAll(base.sites());
                state.storeAttribute(base, attribute.attr(), value);
            }
            default -> {
                state.escape(value);
                evaluator.surrender(List.of(target), Rule.ATTRIBUTE, evaluator.source(target));
            }
        }
    }

    private void augment(String name, String operator, Expr value, int site, State state, Facts facts) {
        Kind kind = names.isLocal(name)
                        && !names.isShared(name)
                        && !state.variable(name).unbound()
                ? state.variable(name).kind()
                : Kind.ANY;
        Kind given = evaluator.kindOf(value);
        var asExpr = new Expr.Name(-1, value.line(), name);
        if (kind == Kind.LIST
                && operator.equals("Add")
                && given == Kind.LIST
                && !state.isExternal(state.variable(name))) {
            Val list = evaluator.eval(asExpr, Need.SHALLOW);
            Val more = evaluator.eval(value, Need.SHALLOW);
            state.store(list, state.element(more));
            facts.mutated.addAll(list.sites());
            evaluator.assign(name, list);
            return;
        }
        Val old = evaluator.eval(asExpr, Need.DEEP);
        Val more = evaluator.eval(value, Need.DEEP);
        evaluator.guard(value, more, Guard.Kind.DEEP);
        evaluator.iteration.over(more);
        if (old.kind() == Kind.ATOM && more.kind() == Kind.ATOM) {
            evaluator.assign(name, Val.ATOM);
            return;
        }
        if (state.isExternal(old)) {
            facts.atoms.add(name);
        } else if (old.kind() != Kind.ATOM) {
            facts.nested.add(name);
        }
        facts.mutated.addAll(old.sites());
        facts.looked.addAll(old.sites());
        state.make(site, state.element(more).withPending(false));
        state.store(old, state.element(more.withKind(Kind.LIST)));
        Val result = Val.made(site, Kind.ANY).join(old).withPending(false).withUnbound(false);
        evaluator.assign(
                name, kind == Kind.ATOM && more.kind() != Kind.ANY ? result : result.withKind(resultKind(kind)));
    }

    private static Kind resultKind(Kind old) {
        return old == Kind.LIST || old == Kind.SET || old.isDict() ? old : Kind.ANY;
    }

    private void delete(Stmt.Delete s, State state, Facts facts) {
        facts.inPlaceOnly = true;
        for (Expr target : s.targets()) {
            switch (target) {
                case Expr.Name name -> {
                    String variable = evaluator.variable(name).orElse(name.name());
                    if (names.isShared(variable) || !names.isLocal(variable)) {
                        facts.block(Rule.SHARED_VARIABLE, variable);
                    }
                    facts.need(variable, Need.CARRY);
                    facts.assigned.add(variable);
                    state.unbind(variable);
                }
                case Expr.Subscript subscript -> {
                    Val base = evaluator.eval(subscript.value(), Need.SHALLOW);
                    Val index = evaluator.eval(subscript.index(), Need.DEEP);
                    evaluator.guard(subscript.index(), index, Guard.Kind.DEEP);
                    evaluator.guard(subscript.value(), base, Guard.Kind.SHALLOW);
                    if (state.isExternal(base) || base.sites().isEmpty()) {
                        facts.block(Rule.SHARED_OBJECT, evaluator.source(subscript));
                    }
                    facts.mutated.addAll(base.sites());
                    facts.mutatesElsewhere |=
                            evaluator.variable(subscript.value()).isEmpty();
                }
                default -> evaluator.surrender(List.of(target), Rule.ATTRIBUTE, evaluator.source(target));
            }
        }
    }
}
