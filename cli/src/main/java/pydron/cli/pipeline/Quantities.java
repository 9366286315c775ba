package pydron.cli.pipeline;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Stmt;
import pydron.analysis.ir.Step;

/// Which whole numbers, and which lengths, variables have at one place of a program, as far as that is clear.
final class Quantities {
    /// Expressions are the user's, and may be deep.
    private static final int DEPTH = 60;

    private final Map<String, Long> numbers;
    private final Map<String, Long> lengths;
    private Map<Integer, String> substitutions = Map.of();

    private Quantities(Map<String, Long> numbers, Map<String, Long> lengths) {
        this.numbers = numbers;
        this.lengths = lengths;
    }

    Quantities() {
        this(new HashMap<>(), new HashMap<>());
    }

    void within(Map<Integer, String> of) {
        substitutions = of;
    }

    void number(String name, long value) {
        forget(name);
        numbers.put(name, value);
    }

    void length(String name, long value) {
        forget(name);
        lengths.put(name, value);
    }

    void forget(String name) {
        numbers.remove(name);
        lengths.remove(name);
    }

    /// What is known of an expression goes to a variable, of another place perhaps.
    void pass(Expr value, String name, Quantities to) {
        OptionalLong number = number(value);
        OptionalLong length = length(value);
        to.forget(name);
        number.ifPresent(it -> to.numbers.put(name, it));
        length.ifPresent(it -> to.lengths.put(name, it));
    }

    /// After a step that gives `defines` new values.
    void step(Step step, Iterable<String> defines) {
        switch (step) {
            case Step.Statement(Stmt.Assign(int _, int _, List<Expr> targets, Expr value))
            when targets.size() == 1 && targets.getFirst() instanceof Expr.Name name -> pass(value, name.name(), this);
            case Step.Statement(Stmt.AnnAssign(int _, int _, Expr.Name name, Optional<Expr> value))
            when value.isPresent() -> pass(value.get(), name.name(), this);
            case Step.Statement(Stmt.AugAssign(int _, int _, Expr.Name name, String operator, Expr value)) ->
                update(name.name(), operator, value);
            case Step.Update update -> update(update.name(), update.operator(), update.value());
            case Step.Statement(Stmt.ExprStmt(int _, int _, Expr.Call call))
            when call.callee() instanceof Expr.Attribute(int _, int _, Expr.Name list, String method) -> {
                Long before = lengths.get(list.name());
                defines.forEach(this::forget);
                if (before != null && method.equals("append")) {
                    lengths.put(list.name(), before + 1);
                }
            }
            case Step.Bind bind -> pass(bind.value(), bind.name(), this);
            case Step.Store(Expr.Name target, String name) -> {
                Long number = numbers.get(name);
                Long length = lengths.get(name);
                forget(target.name());
                if (number != null) {
                    numbers.put(target.name(), number);
                }
                if (length != null) {
                    lengths.put(target.name(), length);
                }
            }
            case Step.NewContainer made -> length(made.name(), 0);
            case Step.Collect collect -> {
                Long before = lengths.get(collect.name());
                defines.forEach(this::forget);
                if (before != null) {
                    lengths.put(collect.name(), before + 1);
                }
            }
            case Step.Statement _, Step.Store _, Step.Check _, Step.Replay _, Step.Progress _, Step.Flag _ ->
                defines.forEach(this::forget);
        }
    }

    private void update(String name, String operator, Expr value) {
        Long before = numbers.get(name);
        OptionalLong by = number(value);
        forget(name);
        if (before != null && by.isPresent()) {
            calculated(before, operator, by.getAsLong()).ifPresent(it -> numbers.put(name, it));
        }
    }

    OptionalLong number(Expr expr) {
        return number(expr, 0);
    }

    private OptionalLong number(Expr expr, int depth) {
        String held = substitutions.get(expr.id());
        if (held != null && numbers.containsKey(held)) {
            return OptionalLong.of(numbers.get(held));
        }
        if (depth > DEPTH) {
            return OptionalLong.empty();
        }
        return switch (expr) {
            case Expr.Constant(int _, int _, String type, String text)
            when type.equals("int") && text.matches("[0-9]{1,15}") -> OptionalLong.of(Long.parseLong(text));
            case Expr.Name name -> of(numbers, name.name());
            case Expr.Unary(int _, int _, String operator, Expr operand)
            when operator.equals("USub") || operator.equals("-") -> {
                OptionalLong value = number(operand, depth + 1);
                yield value.isPresent() ? OptionalLong.of(-value.getAsLong()) : value;
            }
            case Expr.Binary(int _, int _, Expr left, String operator, Expr right) -> {
                OptionalLong a = number(left, depth + 1);
                OptionalLong b = number(right, depth + 1);
                yield a.isPresent() && b.isPresent()
                        ? calculated(a.getAsLong(), operator, b.getAsLong())
                        : OptionalLong.empty();
            }
            case Expr.Call(int _, int _, Expr.Name callee, List<Expr> args, var keywords)
            when callee.name().equals("len") && args.size() == 1 && keywords.isEmpty() ->
                length(args.getFirst(), depth + 1);
            default -> OptionalLong.empty();
        };
    }

    /// How many items it has to iterate over.
    OptionalLong length(Expr expr) {
        return length(expr, 0);
    }

    private OptionalLong length(Expr expr, int depth) {
        String held = substitutions.get(expr.id());
        if (held != null && lengths.containsKey(held)) {
            return OptionalLong.of(lengths.get(held));
        }
        if (depth > DEPTH) {
            return OptionalLong.empty();
        }
        return switch (expr) {
            case Expr.Name name -> of(lengths, name.name());
            case Expr.Display display ->
                display.elements().stream().anyMatch(it -> it instanceof Expr.Starred)
                        ? OptionalLong.empty()
                        : OptionalLong.of(display.elements().size());
            case Expr.Dict dict ->
                dict.entries().stream().anyMatch(it -> it.key().isEmpty())
                        ? OptionalLong.empty()
                        : OptionalLong.of(dict.entries().size());
            case Expr.Subscript(int _, int _, Expr value, Expr.Slice slice) -> slice(value, slice, depth + 1);
            case Expr.Call(int _, int _, Expr.Name callee, List<Expr> args, var _) ->
                called(callee.name(), args, depth + 1);
            default -> OptionalLong.empty();
        };
    }

    private OptionalLong called(String name, List<Expr> args, int depth) {
        return switch (name) {
            case "range" -> range(args, depth);
            case "list", "tuple", "sorted", "reversed", "enumerate", "iter", "tqdm" ->
                args.isEmpty() ? OptionalLong.empty() : length(args.getFirst(), depth);
            case "zip" -> {
                OptionalLong least = OptionalLong.empty();
                for (Expr arg : args) {
                    OptionalLong one = length(arg, depth);
                    if (one.isPresent() && (least.isEmpty() || one.getAsLong() < least.getAsLong())) {
                        least = one;
                    }
                }
                yield least;
            }
            default -> OptionalLong.empty();
        };
    }

    private OptionalLong range(List<Expr> args, int depth) {
        long[] values = new long[args.size()];
        for (int i = 0; i < values.length; i++) {
            OptionalLong value = number(args.get(i), depth);
            if (value.isEmpty()) {
                return value;
            }
            values[i] = value.getAsLong();
        }
        return switch (values.length) {
            case 1 -> OptionalLong.of(Math.max(0, values[0]));
            case 2 -> OptionalLong.of(Math.max(0, values[1] - values[0]));
            case 3 ->
                values[2] == 0
                        ? OptionalLong.empty()
                        : OptionalLong.of(Math.max(0, Math.ceilDiv(values[1] - values[0], values[2])));
            default -> OptionalLong.empty();
        };
    }

    /// Of `x[a:b]`, without steps and counting from the end.
    private OptionalLong slice(Expr value, Expr.Slice slice, int depth) {
        OptionalLong all = length(value, depth);
        OptionalLong lower = slice.lower().map(it -> number(it, depth)).orElse(OptionalLong.of(0));
        OptionalLong upper = slice.upper().map(it -> number(it, depth)).orElse(all);
        boolean clear = all.isPresent()
                && lower.isPresent()
                && upper.isPresent()
                && slice.step().isEmpty();
        if (!clear || lower.getAsLong() < 0 || upper.getAsLong() < 0) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(Math.max(0, Math.min(upper.getAsLong(), all.getAsLong()) - lower.getAsLong()));
    }

    /// The number that `for … in range(…)`, or `enumerate(…)`, gives its variable in this round.
    OptionalLong item(Expr iterable, long round) {
        if (iterable instanceof Expr.Call(int _, int _, Expr.Name callee, List<Expr> args, var keywords)
                && callee.name().equals("enumerate")) {
            return args.size() == 1 && keywords.isEmpty() ? OptionalLong.of(round) : OptionalLong.empty();
        }
        if (iterable instanceof Expr.Call(int _, int _, Expr.Name callee, List<Expr> args, var _)
                && callee.name().equals("range")
                && !args.isEmpty()) {
            OptionalLong start = args.size() == 1 ? OptionalLong.of(0) : number(args.getFirst());
            OptionalLong step = args.size() < 3 ? OptionalLong.of(1) : number(args.get(2));
            if (start.isPresent() && step.isPresent()) {
                return OptionalLong.of(start.getAsLong() + round * step.getAsLong());
            }
        }
        return OptionalLong.empty();
    }

    /// Whether a condition holds, where that is clear.
    Optional<Boolean> holds(Expr test) {
        if (test instanceof Expr.Compare(int _, int _, Expr left, List<String> operators, List<Expr> others)
                && others.size() == 1) {
            OptionalLong a = number(left);
            OptionalLong b = number(others.getFirst());
            if (a.isPresent() && b.isPresent()) {
                int order = Long.compare(a.getAsLong(), b.getAsLong());
                return switch (operators.getFirst()) {
                    case "Lt", "<" -> Optional.of(order < 0);
                    case "LtE", "<=" -> Optional.of(order <= 0);
                    case "Gt", ">" -> Optional.of(order > 0);
                    case "GtE", ">=" -> Optional.of(order >= 0);
                    case "Eq", "==" -> Optional.of(order == 0);
                    case "NotEq", "!=" -> Optional.of(order != 0);
                    default -> Optional.empty();
                };
            }
        }
        return Optional.empty();
    }

    private static OptionalLong of(Map<String, Long> known, String name) {
        Long value = known.get(name);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    private static OptionalLong calculated(long a, String operator, long b) {
        try {
            return switch (operator) {
                case "Add", "+" -> OptionalLong.of(Math.addExact(a, b));
                case "Sub", "-" -> OptionalLong.of(Math.subtractExact(a, b));
                case "Mult", "*" -> OptionalLong.of(Math.multiplyExact(a, b));
                case "FloorDiv", "//" -> b == 0 ? OptionalLong.empty() : OptionalLong.of(Math.floorDiv(a, b));
                case "Mod", "%" -> b == 0 ? OptionalLong.empty() : OptionalLong.of(Math.floorMod(a, b));
                default -> OptionalLong.empty();
            };
        } catch (ArithmeticException e) {
            return OptionalLong.empty();
        }
    }
}
