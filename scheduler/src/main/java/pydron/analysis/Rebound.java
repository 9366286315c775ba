package pydron.analysis;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import pydron.analysis.ast.Expr;

/// Variables that get another value (`:=`) further on in the expression that is being lowered. What was read of them
/// before has to be kept: the rest of the expression is evaluated behind the calls that are taken out of it.
final class Rebound {
    private final boolean any;
    private final Deque<Set<String>> later = new ArrayDeque<>();

    /// @param any whether the pipeline has such expressions at all
    Rebound(boolean any) {
        this.any = any;
    }

    /// Lowers siblings in the order in which Python evaluates them.
    void inOrder(List<Expr> siblings, Consumer<Expr> lower) {
        if (!any) {
            siblings.forEach(lower);
            return;
        }
        var behind = new ArrayDeque<Set<String>>();
        Set<String> rest = Set.of();
        for (Expr sibling : siblings.reversed()) {
            behind.push(rest);
            var own = in(sibling);
            if (!own.isEmpty()) {
                own.addAll(rest);
                rest = own;
            }
        }
        for (Expr sibling : siblings) {
            later.push(behind.pop());
            lower.accept(sibling);
            later.pop();
        }
    }

    /// Whether a variable that is read now gets another value before the expression is evaluated.
    boolean follows(String name) {
        return later.stream().anyMatch(names -> names.contains(name));
    }

    /// Whether evaluating the expression may give the variable another value.
    boolean isIn(Expr expr, String name) {
        return any && in(expr).contains(name);
    }

    private static Set<String> in(Expr expr) {
        var found = new LinkedHashSet<String>();
        Walk.expressions(expr, each -> {
            if (each instanceof Expr.Walrus walrus && walrus.target() instanceof Expr.Name name) {
                found.add(name.name());
            }
        });
        return found;
    }
}
