package pydron.analysis;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Stmt;
import pydron.analysis.ast.Unit.Binding;
import pydron.analysis.ir.Op;
import pydron.analysis.ir.Planned;
import pydron.analysis.ir.Step;

/// Which variables the code of an op reads and assigns, as the driver will see it: lowered nodes are variables of ours.
/// Found out without the help of the flow analysis, because {@link TemplateVerifier} checks that.
final class Reads {
    /// @param read variables that are read
    /// @param strict those of them whose value is looked at: a pending one would be noticed
    record Use(Set<String> read, Set<String> strict) {}

    /// A variable that a step assigns.
    ///
    /// @param perhaps whether the step may also do without
    record Binding(String name, boolean pending, boolean perhaps) {
        Binding(String name, boolean pending) {
            this(name, pending, false);
        }
    }

    private final Map<Integer, String> substitutions;
    private final Names names;

    Reads(Map<Integer, String> substitutions, Names names) {
        this.substitutions = substitutions;
        this.names = names;
    }

    Use strictly(Expr expr) {
        var collector = new Collector();
        collector.value(expr);
        return collector.use();
    }

    Use loosely(Expr expr) {
        var collector = new Collector();
        collector.carry(expr);
        return collector.use();
    }

    /// What an assignment to the target reads: `d` and `k` of `d[k]`.
    Use places(Expr target) {
        var collector = new Collector();
        collector.target(target);
        return collector.use();
    }

    Use of(Op.Call call, boolean blocks) {
        var collector = new Collector();
        if (call.callee() instanceof Expr.Attribute attribute
                && names.binding(attribute).isEmpty()) {
            collector.value(attribute.value());
        } else {
            collector.value(call.callee());
        }
        for (Expr arg : call.args()) {
            collector.argument(arg, blocks);
        }
        for (Expr.Keyword keyword : call.keywords()) {
            collector.argument(keyword.value(), blocks || keyword.name().isEmpty());
        }
        return collector.use();
    }

    Use of(Step step) {
        var collector = new Collector();
        switch (step) {
            case Step.Statement(Stmt stmt) -> collector.statement(stmt);
            case Step.Bind bind -> {
                collector.defined = bind.isDefinition(substitutions) ? Optional.of(bind.value()) : Optional.empty();
                collector.carry(bind.value());
            }
            case Step.Store store -> {
                collector.read.add(store.name());
                if (store.target() instanceof Expr.Display) {
                    collector.strict.add(store.name());
                }
                collector.target(store.target());
            }
            case Step.NewContainer _, Step.Flag _ -> {}
            case Step.Replay replay -> collector.look(replay.list());
            case Step.Progress progress ->
                progress.call().ifPresentOrElse(collector::carry, () -> collector.look(progress.name()));
            case Step.Check check -> collector.read.add(check.name().name());
            case Step.Collect collect -> {
                collector.look(collect.name());
                collect.key().ifPresent(collector::value);
                if (collect.kind().equals("set")) {
                    collector.value(collect.value());
                } else {
                    collector.carry(collect.value());
                }
            }
            case Step.Update update -> {
                collector.look(update.name());
                collector.value(update.value());
            }
        }
        return collector.use();
    }

    /// Every variable that the code of an op mentions.
    Set<String> mentioned(Planned op) {
        var all = new LinkedHashSet<String>();
        switch (op) {
            case Planned.Local p -> {
                all.addAll(of(p.step()).read());
                if (p.step() instanceof Step.Statement(Stmt.Delete delete)) {
                    delete.targets().forEach(target -> all.addAll(bound(target)));
                }
            }
            case Planned.Call p -> all.addAll(of(p.call(), true).read());
            default ->
                Code.of(op).forEach(expr -> {
                    all.addAll(strictly(expr).read());
                });
        }
        return all;
    }

    /// The nodes whose evaluation the driver writes out for an op: not those inside a lowered one.
    Set<Integer> visible(Planned op) {
        var found = new LinkedHashSet<Integer>();
        Optional<Expr> defined = op instanceof Planned.Local local
                        && local.step() instanceof Step.Bind bind
                        && bind.isDefinition(substitutions)
                ? Optional.of(bind.value())
                : Optional.empty();
        Code.of(op).forEach(expr -> visible(expr, defined, found));
        return found;
    }

    private void visible(Expr expr, Optional<Expr> defined, Set<Integer> found) {
        found.add(expr.id());
        boolean lowered = substitutions.containsKey(expr.id())
                && defined.filter(each -> each == expr).isEmpty();
        if (!lowered && !(expr instanceof Expr.Lambda) && !(expr instanceof Expr.Comprehension)) {
            Walk.childrenOf(expr).forEach(child -> visible(child, defined, found));
        }
    }

    /// The variables that an assignment to the target binds.
    Set<String> bound(Expr target) {
        var all = new LinkedHashSet<String>();
        Optional<String> variable = variable(target);
        if (variable.isPresent()) {
            all.add(variable.get());
            return all;
        }
        switch (target) {
            case Expr.Starred starred -> all.addAll(bound(starred.value()));
            case Expr.Display display -> display.elements().forEach(element -> all.addAll(bound(element)));
            default -> {}
        }
        return all;
    }

    boolean isDefinition(Step.Bind bind) {
        return bind.isDefinition(substitutions);
    }

    Optional<String> variable(Expr expr) {
        String lowered = substitutions.get(expr.id());
        if (lowered != null) {
            return Optional.of(lowered);
        }
        return expr instanceof Expr.Name name ? Optional.of(name.name()) : Optional.empty();
    }

    /// The variables that a step assigns, and whether what they get is certainly a pending one if `pending` are.
    List<Binding> bindings(Step step, Set<String> pending) {
        var found = new ArrayList<Binding>();
        Code.of(step).forEach(expr -> {
            if (step instanceof Step.Bind bind && isDefinition(bind)) {
                inside(expr, pending, false, found);
            } else {
                walruses(expr, pending, false, found);
            }
        });
        switch (step) {
            case Step.Statement(Stmt.Assign s) -> {
                for (Expr target : s.targets()) {
                    if (target instanceof Expr.Display left
                            && s.value() instanceof Expr.Display right
                            && !substitutions.containsKey(s.value().id())
                            && left.elements().size() == right.elements().size()
                            && left.elements().stream().allMatch(Expr.Name.class::isInstance)
                            && s.targets().size() == 1) {
                        for (int i = 0; i < left.elements().size(); i++) {
                            boolean carried = carries(right.elements().get(i), pending);
                            bound(left.elements().get(i)).forEach(name -> found.add(new Binding(name, carried)));
                        }
                    } else {
                        boolean carried = variable(target).isPresent() && carries(s.value(), pending);
                        bound(target).forEach(name -> found.add(new Binding(name, carried)));
                    }
                }
            }
            case Step.Statement(Stmt.AugAssign s) ->
                bound(s.target()).forEach(name -> found.add(new Binding(name, false)));
            case Step.Statement(Stmt.AnnAssign s) ->
                s.value()
                        .ifPresent(value -> bound(s.target())
                                .forEach(name -> found.add(new Binding(name, carries(value, pending)))));
            case Step.Statement(Stmt.FunctionDef s) -> found.add(new Binding(s.name(), false));
            case Step.Statement(Stmt.Other s) -> s.binds().forEach(name -> found.add(new Binding(name, false)));
            case Step.Statement _, Step.Collect _, Step.Check _ -> {}
            case Step.Store store -> {
                boolean carried = variable(store.target()).isPresent() && pending.contains(store.name());
                bound(store.target()).forEach(name -> found.add(new Binding(name, carried)));
            }
            case Step.Bind bind -> {
                boolean carried = !bind.isDefinition(substitutions) && carries(bind.value(), pending);
                found.add(new Binding(bind.name(), carried));
            }
            case Step.NewContainer made -> found.add(new Binding(made.name(), false));
            case Step.Update update -> found.add(new Binding(update.name(), false));
            case Step.Replay replay -> found.add(new Binding(replay.name(), false));
            case Step.Progress progress -> {
                if (progress.call().isPresent()) {
                    found.add(new Binding(progress.name(), false));
                }
            }
            case Step.Flag flag -> found.add(new Binding(flag.name(), false));
        }
        return found;
    }

    private void walruses(Expr expr, Set<String> pending, boolean perhaps, List<Binding> found) {
        if (!substitutions.containsKey(expr.id())) {
            inside(expr, pending, perhaps, found);
        }
    }

    private void inside(Expr expr, Set<String> pending, boolean perhaps, List<Binding> found) {
        // Of these, so many sub-expressions are evaluated in any case.
        int always = switch (expr) {
            case Expr.Lambda _ -> 0;
            case Expr.Conditional _, Expr.Bool _, Expr.Comprehension _ -> 1;
            case Expr.Compare _ -> 2;
            default -> Integer.MAX_VALUE;
        };
        var children = Walk.childrenOf(expr);
        for (int i = 0; i < children.size() && always > 0; i++) {
            walruses(children.get(i), pending, perhaps || i >= always, found);
        }
        if (expr instanceof Expr.Walrus walrus) {
            boolean carried = carries(walrus.value(), pending);
            bound(walrus.target()).forEach(name -> found.add(new Binding(name, carried, perhaps)));
        }
    }

    /// Whether the expression passes on the value of a variable that may be pending.
    private boolean carries(Expr expr, Set<String> pending) {
        Optional<String> variable = variable(expr);
        if (variable.isPresent()) {
            return pending.contains(variable.get());
        }
        return switch (expr) {
            case Expr.Conditional e -> carries(e.then(), pending) || carries(e.otherwise(), pending);
            case Expr.Bool e -> carries(e.values().getLast(), pending);
            case Expr.Walrus e -> carries(e.value(), pending);
            default -> false;
        };
    }

    /// Collects what an expression reads. `value` where the value itself is looked at, `carry` where it is passed on.
    private final class Collector {
        final Set<String> read = new LinkedHashSet<>();
        final Set<String> strict = new LinkedHashSet<>();
        private final List<Set<String>> scopes = new ArrayList<>();
        Optional<Expr> defined = Optional.empty();

        Use use() {
            return new Use(read, strict);
        }

        void look(String name) {
            read.add(name);
            strict.add(name);
        }

        private boolean isInner(String name) {
            return scopes.stream().anyMatch(scope -> scope.contains(name));
        }

        private Optional<String> variableOf(Expr expr) {
            return defined.filter(each -> each == expr).isPresent() ? own(expr) : variable(expr);
        }

        private Optional<String> own(Expr expr) {
            return expr instanceof Expr.Name name ? Optional.of(name.name()) : Optional.empty();
        }

        void value(Expr expr) {
            Optional<String> variable = variableOf(expr);
            if (variable.isPresent()) {
                if (!isInner(variable.get())) {
                    look(variable.get());
                }
                return;
            }
            carry(expr);
        }

        private void values(List<Expr> exprs) {
            exprs.forEach(this::value);
        }

        void carry(Expr expr) {
            Optional<String> variable = variableOf(expr);
            if (variable.isPresent()) {
                if (!isInner(variable.get())) {
                    read.add(variable.get());
                }
                return;
            }
            switch (expr) {
                case Expr.Name _, Expr.Constant _ -> {}
                case Expr.Attribute e
                when names.binding(e).isPresent() -> Walk.childrenOf(e).forEach(this::carry);
                case Expr.Attribute _,
                        Expr.Subscript _,
                        Expr.Slice _,
                        Expr.Binary _,
                        Expr.Unary _,
                        Expr.Compare _,
                        Expr.JoinedString _,
                        Expr.Formatted _,
                        Expr.Starred _,
                        Expr.Other _ -> values(Walk.childrenOf(expr));
                case Expr.Conditional e -> {
                    value(e.test());
                    carry(e.then());
                    carry(e.otherwise());
                }
                case Expr.Bool e -> {
                    values(e.values().subList(0, e.values().size() - 1));
                    carry(e.values().getLast());
                }
                // A tuple cannot be completed later, a set looks at what it takes in.
                case Expr.Display e -> {
                    for (Expr element : e.elements()) {
                        if (e.kind().equals("List")) {
                            carry(element);
                        } else {
                            value(element);
                        }
                    }
                }
                case Expr.Dict e ->
                    e.entries().forEach(entry -> {
                        entry.key().ifPresent(this::value);
                        if (entry.key().isPresent()) {
                            carry(entry.value());
                        } else {
                            value(entry.value());
                        }
                    });
                case Expr.Walrus e -> carry(e.value());
                case Expr.Call e -> call(e);
                case Expr.Comprehension e -> comprehension(e);
                case Expr.Lambda e -> {
                    values(e.parameters().defaults());
                    scopes.add(Set.copyOf(e.parameters().names()));
                    carry(e.body());
                    scopes.removeLast();
                }
            }
        }

        private void call(Expr.Call e) {
            var binding = names.binding(e.callee());
            boolean method = e.callee() instanceof Expr.Attribute && binding.isEmpty();
            if (method) {
                value(((Expr.Attribute) e.callee()).value());
            } else {
                value(e.callee());
            }
            // What methods do with their arguments is the analysis' business: `append` passes them on.
            e.args().forEach(arg -> argument(arg, !method));
            e.keywords()
                    .forEach(keyword ->
                            argument(keyword.value(), !method || keyword.name().isEmpty()));
        }

        void argument(Expr arg, boolean looked) {
            if (looked) {
                value(arg);
            } else {
                carry(arg);
            }
        }

        private void comprehension(Expr.Comprehension e) {
            var own = new LinkedHashSet<String>();
            scopes.add(own);
            for (Expr.Clause clause : e.clauses()) {
                value(clause.iterable());
                Walk.names(clause.target(), own::add);
                clause.conditions().forEach(this::value);
            }
            e.key().ifPresent(this::value);
            value(e.element());
            scopes.removeLast();
        }

        void target(Expr target) {
            if (variable(target).isPresent()) {
                return;
            }
            switch (target) {
                case Expr.Starred starred -> target(starred.value());
                case Expr.Display display -> display.elements().forEach(this::target);
                default -> values(Walk.childrenOf(target));
            }
        }

        void statement(Stmt stmt) {
            switch (stmt) {
                case Stmt.Assign s -> {
                    boolean passes = s.targets().stream().noneMatch(t -> t instanceof Expr.Display)
                            || s.value() instanceof Expr.Display right
                                    && right.elements().stream().noneMatch(Expr.Starred.class::isInstance)
                                    && !substitutions.containsKey(right.id());
                    if (passes
                            && s.value() instanceof Expr.Display right
                            && !substitutions.containsKey(right.id())
                            && s.targets().size() == 1
                            && s.targets().get(0) instanceof Expr.Display) {
                        right.elements().forEach(this::carry);
                    } else if (passes) {
                        carry(s.value());
                    } else {
                        value(s.value());
                    }
                    s.targets().forEach(this::target);
                }
                case Stmt.AugAssign s -> {
                    value(s.target());
                    value(s.value());
                }
                case Stmt.AnnAssign s -> {
                    s.value().ifPresent(this::carry);
                    target(s.target());
                }
                case Stmt.ExprStmt s -> carry(s.value());
                case Stmt.Delete s -> s.targets().forEach(this::target);
                case Stmt.Raise _, Stmt.Assert _ -> values(Walk.expressionsOf(stmt));
                case Stmt.FunctionDef s -> values(Walk.expressionsOf(s));
                case Stmt.Other s -> s.expressions().forEach(this::carry);
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
    }
}
