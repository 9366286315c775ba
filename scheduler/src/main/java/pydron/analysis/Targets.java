package pydron.analysis;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Function;
import pydron.analysis.ast.Expr;

/// Names in targets of assignments.
final class Targets {
    private Targets() {}

    /// Variables that an assignment to the target binds.
    static Set<String> names(Expr target, Function<Expr, Set<String>> reads) {
        return switch (target) {
            case Expr.Name name -> reads.apply(name);
            case Expr.Starred starred -> names(starred.value(), reads);
            case Expr.Display display -> {
                var all = new LinkedHashSet<String>();
                display.elements().forEach(element -> all.addAll(names(element, reads)));
                yield all;
            }
            default -> Set.of();
        };
    }

    /// Variables that it reads to find the place: `d` and `k` of `d[k]`.
    static Set<String> reads(Expr target, Function<Expr, Set<String>> reads) {
        return switch (target) {
            case Expr.Name _ -> Set.of();
            case Expr.Starred starred -> reads(starred.value(), reads);
            case Expr.Display display -> {
                var all = new LinkedHashSet<String>();
                display.elements().forEach(element -> all.addAll(reads(element, reads)));
                yield all;
            }
            default -> reads.apply(target);
        };
    }
}
