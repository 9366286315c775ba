package pydron.analysis;

import java.util.function.Function;
import pydron.analysis.Val.Kind;
import pydron.analysis.ast.Expr;

/// What kind of container an expression certainly makes, by its form alone.
final class Kinds {
    private Kinds() {}

    /// @param kindOf the kind of a part of the expression
    static Kind of(Expr expr, Function<Expr, Kind> kindOf) {
        return switch (expr) {
            case Expr.Constant _ -> Kind.ATOM;
            case Expr.Display display ->
                switch (display.kind()) {
                    case "List" -> Kind.LIST;
                    case "Set" -> Kind.SET;
                    default -> Kind.TUPLE;
                };
            case Expr.Dict _ -> Kind.DICT;
            case Expr.Comprehension c ->
                switch (c.kind()) {
                    case "ListComp" -> Kind.LIST;
                    case "SetComp" -> Kind.SET;
                    case "DictComp" -> Kind.DICT;
                    default -> Kind.ITERATOR;
                };
            case Expr.Binary b
            when b.operator().equals("Add")
                    && kindOf.apply(b.left()) == Kind.LIST
                    && kindOf.apply(b.right()) == Kind.LIST -> Kind.LIST;
            case Expr.Subscript s
            when s.index() instanceof Expr.Slice && kindOf.apply(s.value()) == Kind.LIST -> Kind.LIST;
            default -> Kind.ANY;
        };
    }
}
