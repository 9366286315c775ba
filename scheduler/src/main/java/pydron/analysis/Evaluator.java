package pydron.analysis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import pydron.analysis.Catalogue.Need;
import pydron.analysis.Val.Kind;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Unit.Binding;
import pydron.analysis.ir.Guard;
import pydron.analysis.ir.Rule;
import pydron.analysis.ir.Step;

/// Evaluates expressions abstractly: what the value may be, and (into {@link Facts}) what evaluating it needs and does.
final class Evaluator {
    private static final int LONGEST_SUBJECT = 48;
    private static final Set<String> PASSING =
            Set.of("builtins.reversed", "itertools.chain", "itertools.cycle", "itertools.islice");

    final Names names;
    final List<Helper> helpers;
    private final Map<Integer, String> substitutions;
    final CallEvaluator calls = new CallEvaluator(this);
    final LibraryObjects libraryObjects;
    /// Whether the function is one that is called as it is, so that no check of ours runs in it.
    boolean unchecked;
    final Iteration iteration = new Iteration(this);
    /// Variables of comprehensions and lambdas around the expression.
    final Map<String, Val> inner = new HashMap<>();

    /// What temporaries were given, for people.
    private final Map<String, Expr> bound = new HashMap<>();

    int nesting;
    /// How many conditions there are around the expression.
    private int branches;
    /// The expression whose value the current op gives to its temporary: everywhere else that temporary stands for it.
    private Expr defined;
    /// The call whose result a `for` takes apart at once, so that pending elements are never kept inside tuples.
    Expr takenApart;

    State state;
    Facts facts;

    Evaluator(Names names, Map<Integer, String> substitutions) {
        this(names, substitutions, List.of(), Set.of());
    }

    /// @param helpers what is known of the functions of the unit when they are called as they are
    /// @param everMutated objects that some op changes, wherever that is
    Evaluator(Names names, Map<Integer, String> substitutions, List<Helper> helpers, Set<Integer> everMutated) {
        this.helpers = helpers;
        this.names = names;
        this.substitutions = substitutions;
        libraryObjects = new LibraryObjects(this, everMutated);
    }

    void begin(State state, Facts facts) {
        this.state = state;
        this.facts = facts;
        this.nesting = 0;
        inner.clear();
    }

    /// The variable an expression stands for, if it is one.
    Optional<String> variable(Expr expr) {
        String lowered = substitutions.get(expr.id());
        if (lowered != null && expr != defined) {
            return Optional.of(lowered);
        }
        return expr instanceof Expr.Name name ? Optional.of(name.name()) : Optional.empty();
    }

    /// Evaluates what `step` binds.
    Val eval(Step.Bind step) {
        bound.put(step.name(), step.value());
        return inPlaceOf(step, () -> eval(step.value(), needOf(step.name())));
    }

    /// What other code may see has its value.
    private Need needOf(String variable) {
        return names.isShared(variable) ? Need.DEEP : Need.CARRY;
    }

    /// Does something while the value of `step` is itself, and not the temporary that it is bound to.
    <T> T inPlaceOf(Step.Bind step, Supplier<T> action) {
        if (!step.isDefinition(substitutions)) {
            return action.get();
        }
        defined = step.value();
        try {
            return action.get();
        } finally {
            defined = null;
        }
    }

    /// Evaluates what is evaluated under some condition.
    Val perhaps(Expr expr, Need need) {
        branches++;
        Val value = eval(expr, need);
        branches--;
        return value;
    }

    Val eval(Expr expr, Need need) {
        Optional<String> variable = variable(expr);
        if (variable.isPresent()) {
            return use(variable.get(), need);
        }
        return switch (expr) {
            case Expr.Name _ -> throw new IllegalStateException("names are variables");
            case Expr.Constant _ -> Val.ATOM;
            case Expr.Attribute e -> attribute(e, need);
            case Expr.Subscript e -> subscript(e, need);
            case Expr.Slice e -> {
                Walk.childrenOf(e).forEach(child -> guardDeep(child, eval(child, Need.DEEP)));
                yield Val.ATOM;
            }
            case Expr.Call e -> calls.call(e, need);
            case Expr.Starred e -> {
                Val whole = eval(e.value(), max(need, Need.SHALLOW));
                guard(e.value(), whole, Guard.Kind.SHALLOW);
                iteration.over(whole);
                yield state.element(whole);
            }
            case Expr.Binary e -> binary(e, need);
            case Expr.Unary e -> {
                Val operand = eval(e.operand(), e.operator().equals("Not") ? Need.SHALLOW : Need.DEEP);
                guardDeep(e.operand(), operand);
                yield operand.kind() == Kind.ATOM || e.operator().equals("Not") ? Val.ATOM : fresh(e, operand);
            }
            case Expr.Compare e -> compare(e);
            case Expr.Bool e -> {
                Val all = null;
                for (int i = 0; i < e.values().size(); i++) {
                    boolean last = i + 1 == e.values().size();
                    Need wanted = last ? need : max(need, Need.SHALLOW);
                    Val value = i == 0
                            ? eval(e.values().get(i), wanted)
                            : perhaps(e.values().get(i), wanted);
                    if (!last) {
                        guard(e.values().get(i), value, Guard.Kind.SHALLOW);
                    }
                    all = all == null ? value : all.join(value);
                }
                yield all;
            }
            case Expr.Conditional e -> {
                guard(e.test(), eval(e.test(), Need.SHALLOW), Guard.Kind.SHALLOW);
                yield perhaps(e.then(), need).join(perhaps(e.otherwise(), need));
            }
            case Expr.Display e -> calls.constructors.display(e, need);
            case Expr.Dict e -> calls.constructors.dict(e, need);
            case Expr.Comprehension e -> comprehension(e);
            case Expr.Lambda e -> {
                e.parameters().defaults().forEach(value -> state.escape(eval(value, Need.DEEP)));
                facts.inPlaceOnly |= captures(e);
                yield Val.EXTERNAL;
            }
            case Expr.Walrus e -> {
                Need least = variable(e.target()).map(this::needOf).orElse(Need.CARRY);
                Val value = eval(e.value(), max(need, least));
                variable(e.target()).ifPresent(name -> assign(name, value));
                facts.inPlaceOnly |= nesting > 0;
                yield value;
            }
            case Expr.JoinedString e -> {
                e.parts().forEach(part -> eval(part, Need.DEEP));
                yield Val.ATOM;
            }
            case Expr.Formatted e -> {
                guardDeep(e.value(), eval(e.value(), Need.DEEP));
                e.format().ifPresent(format -> eval(format, Need.DEEP));
                yield Val.ATOM;
            }
            case Expr.Other e -> {
                e.children().forEach(child -> state.escape(eval(child, Need.DEEP)));
                facts.block(Rule.STATEMENT, "it uses " + e.type());
                yield Val.EXTERNAL;
            }
        };
    }

    /// Evaluates what a `for` iterates over.
    Val iterable(Expr expr, Expr target) {
        boolean apart = target instanceof Expr.Display display
                && display.elements().stream().allMatch(Expr.Name.class::isInstance);
        takenApart = apart || isValues(expr) || passesOn(expr) ? expr : null;
        Val value = eval(expr, Need.SHALLOW);
        takenApart = null;
        guard(expr, value, Guard.Kind.SHALLOW);
        iteration.over(value);
        return value;
    }

    private boolean isValues(Expr expr) {
        return expr instanceof Expr.Call call
                && call.callee() instanceof Expr.Attribute method
                && method.attr().equals("values");
    }

    /// Whether the items are those of the arguments, as they are.
    private boolean passesOn(Expr expr) {
        return expr instanceof Expr.Call call
                && names.binding(call.callee())
                        .filter(it -> it instanceof Binding.Library library && PASSING.contains(library.canonical()))
                        .isPresent();
    }

    static Need max(Need a, Need b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    void assign(String name, Val value) {
        if (names.isShared(name)) {
            facts.block(Rule.SHARED_VARIABLE, name);
            state.escape(value);
        }
        facts.assigned.add(name);
        facts.overwritten.putIfAbsent(name, state.variable(name));
        if (nesting > 0 || branches > 0) {
            state.set(name, state.variable(name).join(value).withSafe(false));
        } else {
            state.assign(name, value);
        }
    }

    private Val use(String name, Need need) {
        Val local = inner.get(name);
        if (local != null) {
            return local;
        }
        if (!names.isLocal(name)) {
            return Val.EXTERNAL;
        }
        facts.need(name, nesting > 0 ? Need.DEEP : need);
        Val value = state.variable(name);
        boolean lost = names.isShared(name) && value.unbound();
        if (nesting > 0 && !lost) {
            facts.nested.add(name);
        }
        if (names.isShared(name)) {
            // It changes only where everything waits: what is set aside can take its value along, if it has one.
            if (lost) {
                facts.block(Rule.SHARED_VARIABLE, name);
            }
            return Val.EXTERNAL.withUnbound(value.unbound());
        }
        if (need != Need.CARRY || nesting > 0) {
            facts.looked.addAll(need == Need.DEEP || nesting > 0 ? state.reach(value) : value.sites());
        }
        return value.withPending(value.pending() && need == Need.CARRY && nesting == 0);
    }

    /// Operators on the value must not run code of the user's out of order.
    void guard(Expr expr, Val value, Guard.Kind kind) {
        if (nesting > 0 || value.safe() || value.kind() == Kind.ATOM || expr instanceof Expr.Constant) {
            return;
        }
        if (kind == Guard.Kind.SHALLOW && !value.isOfAnyType()) {
            return;
        }
        if (expr.id() < 0) {
            variable(expr).ifPresent(facts.nested::add);
            return;
        }
        facts.guard(new Guard(expr.id(), kind, ""));
    }

    /// The driver checks a variable before the op begins, with all it holds.
    void checkDeeply(String variable) {
        if (!inner.containsKey(variable) && names.isLocal(variable)) {
            facts.nested.add(variable);
        }
    }

    void guardDeep(Expr expr, Val value) {
        guard(expr, value, Guard.Kind.DEEP);
    }

    private Val attribute(Expr.Attribute e, Need need) {
        Optional<Binding> binding = names.binding(e);
        if (binding.isPresent()) {
            return binding.get() instanceof Binding.Immutable ? Val.ATOM : Val.EXTERNAL;
        }
        Val base = eval(e.value(), Need.SHALLOW);
        if (nesting == 0 && !base.safe()) {
            facts.guard(new Guard(e.value().id(), Guard.Kind.ATTRIBUTE, e.attr()));
        }
        return state.attribute(base, e.attr()).orElseGet(() -> alias(e, base, need));
    }

    /// Something that may share storage with the base: an attribute, a view, an element.
    Val alias(Expr at, Val base, Need need) {
        Val element = state.element(base);
        return new Val(base.sites(), state.isExternal(base), false, base.holds(), false, false, Kind.ANY)
                .join(element.kind() == Kind.ATOM ? element.withSafe(false) : element)
                .withPending(element.pending() && need == Need.CARRY)
                .withKind(Kind.ANY)
                .withSafe(false);
    }

    private Val subscript(Expr.Subscript e, Need need) {
        Val known = peek(e.value());
        boolean holds = state.mayHold(known) || variable(e.value()).isEmpty();
        Val base = eval(e.value(), need != Need.CARRY && holds ? Need.DEEP : Need.SHALLOW);
        guard(e.value(), base, Guard.Kind.SHALLOW);
        Val index = eval(e.index(), Need.DEEP);
        guardDeep(e.index(), index);
        if (e.index() instanceof Expr.Slice) {
            if (base.kind() == Kind.LIST) {
                state.make(e.id(), state.element(base));
                return Val.made(e.id(), Kind.LIST);
            }
            return alias(e, base, need);
        }
        calls.constructors.lookUp(e, base, index);
        Val element = state.lookup(base);
        return need == Need.CARRY ? element : element.withPending(false);
    }

    /// What a value would be, without recording what getting it needs and does.
    Val trial(Expr expr, Need need) {
        State before = state;
        Facts recorded = facts;
        state = before.copy();
        facts = new Facts();
        try {
            Val value = eval(expr, need);
            return state.isExternal(value) ? value.withExternal() : value;
        } finally {
            state = before;
            facts = recorded;
        }
    }

    /// The value of a variable, without recording a use.
    Val peek(Expr expr) {
        return variable(expr)
                .filter(name -> names.isLocal(name) && !inner.containsKey(name))
                .map(state::variable)
                .orElse(Val.EXTERNAL);
    }

    Val fresh(Expr at, Val... parts) {
        Val holding = Val.ATOM;
        for (Val part : parts) {
            holding = holding.join(state.element(
                    part.withKind(part.kind() == Kind.ANY || part.kind() == Kind.OBJECT ? Kind.LIST : part.kind())));
        }
        state.make(at.id(), holding.withPending(false));
        state.seal(holding);
        return Val.made(at.id(), Kind.ANY).withSafe(true);
    }

    private Val binary(Expr.Binary e, Need wanted) {
        Kind left = kindOf(e.left());
        Kind right = kindOf(e.right());
        boolean concatenates = e.operator().equals("Add") && left == Kind.LIST && right == Kind.LIST;
        boolean repeats = e.operator().equals("Mult")
                && (left == Kind.LIST && right == Kind.ATOM || left == Kind.ATOM && right == Kind.LIST);
        Need need = (concatenates || repeats) && wanted != Need.DEEP ? Need.SHALLOW : Need.DEEP;
        Val a = eval(e.left(), need);
        Val b = eval(e.right(), need);
        if (concatenates || repeats) {
            state.make(e.id(), state.element(a).join(state.element(b)));
            return Val.made(e.id(), Kind.LIST);
        }
        guardDeep(e.left(), a);
        guardDeep(e.right(), b);
        return a.kind() == Kind.ATOM && b.kind() == Kind.ATOM ? Val.ATOM : fresh(e, a, b);
    }

    /// The kind of container an expression certainly is, looked up without evaluating it.
    Kind kindOf(Expr expr) {
        Optional<String> variable = variable(expr);
        if (variable.isPresent()) {
            String name = variable.get();
            Val value = inner.containsKey(name)
                    ? inner.get(name)
                    : names.isLocal(name) && !names.isShared(name) ? state.variable(name) : Val.EXTERNAL;
            return value.unbound() ? Kind.ANY : value.kind();
        }
        return Kinds.of(expr, this::kindOf);
    }

    private Val compare(Expr.Compare e) {
        boolean identity = e.operators().stream().allMatch(op -> op.equals("Is") || op.equals("IsNot"));
        boolean membership = e.operators().size() == 1
                && (e.operators().get(0).equals("In") || e.operators().get(0).equals("NotIn"));
        Val left = eval(e.left(), identity ? Need.SHALLOW : Need.DEEP);
        boolean atoms = left.kind() == Kind.ATOM;
        if (!identity) {
            guardDeep(e.left(), left);
        }
        for (Expr comparator : e.comparators()) {
            Kind kind = kindOf(comparator);
            boolean keys = membership && (kind.isDict() || kind == Kind.SET);
            Need need = identity || keys ? Need.SHALLOW : Need.DEEP;
            // `a < b < c` looks at c only if a < b.
            Val right = comparator == e.comparators().get(0) ? eval(comparator, need) : perhaps(comparator, need);
            atoms &= right.kind() == Kind.ATOM;
            if (membership) {
                iteration.over(right);
            }
            if (!identity) {
                guard(comparator, right, keys ? Guard.Kind.SHALLOW : Guard.Kind.DEEP);
            }
        }
        return identity || membership || atoms ? Val.ATOM : fresh(e);
    }

    /// Whether the expression makes a function, or a generator, that keeps variables of this function.
    private boolean captures(Expr expr) {
        var found = new boolean[1];
        Walk.names(expr, name -> found[0] |= names.isLocal(name) && names.isShared(name));
        return found[0];
    }

    Val comprehension(Expr.Comprehension e) {
        facts.inPlaceOnly |= e.kind().equals("GeneratorExp") && captures(e);
        nesting++;
        Map<String, Val> outer = new HashMap<>(inner);
        for (Expr.Clause clause : e.clauses()) {
            Val items = eval(clause.iterable(), Need.DEEP);
            iteration.over(items);
            Val item = state.element(items).withPending(false);
            Walk.names(clause.target(), name -> inner.put(name, item.withKind(Kind.ANY)));
            clause.conditions().forEach(condition -> eval(condition, Need.DEEP));
        }
        Val holding = e.key().map(key -> eval(key, Need.DEEP)).orElse(Val.ATOM).join(eval(e.element(), Need.DEEP));
        inner.clear();
        inner.putAll(outer);
        nesting--;
        state.make(e.id(), holding.withPending(false));
        return Val.made(e.id(), kindOf(e)).withSafe(true);
    }

    /// The whole statement may do anything: everything it names is given away.
    void surrender(List<Expr> exprs, Rule rule, String subject) {
        for (Expr expr : exprs) {
            Walk.expressions(
                    expr,
                    each -> variable(each)
                            .filter(names::isLocal)
                            .ifPresent(name -> state.escape(eval(each, Need.DEEP))));
        }
        facts.block(rule, subject);
    }

    /// The user's own words for what a variable holds, given the code that reads it.
    String source(String variable, List<Expr> code) {
        if (!variable.startsWith("$")) {
            return variable;
        }
        var found = new ArrayList<Expr>();
        code.forEach(expr -> Walk.expressions(expr, each -> {
            if (variable.equals(substitutions.get(each.id()))) {
                found.add(each);
            }
        }));
        if (found.isEmpty() && bound.containsKey(variable)) {
            return source(bound.get(variable));
        }
        return found.isEmpty() ? "what comes before" : source(found.getFirst());
    }

    /// The user's own words for an expression, short enough for a sentence.
    String source(Expr expr) {
        String text = new CodePrinter(Map.of()).expr(expr).replaceAll("\\s+", " ");
        return text.length() <= LONGEST_SUBJECT ? text : text.substring(0, LONGEST_SUBJECT - 1) + "…";
    }
}
