package pydron.analysis;

import java.util.List;
import java.util.Optional;
import pydron.analysis.ast.Stmt;
import pydron.analysis.ir.Reason;
import pydron.analysis.ir.Rule;

/// How much work a function is for the analysis. Too large ones, which programs write and people do not, run as they
/// are: the user waits for the analysis at the first call.
final class Size {
    /// About five seconds on one core.
    private static final long MOST = 16_000_000;

    private long statements;
    /// Statements count twice as much with each loop around them: loops are repeated until nothing new is learnt.
    private long weight;

    private Size() {}

    static Optional<Reason> refusal(Stmt.FunctionDef definition) {
        var size = new Size();
        size.add(definition.body(), 1);
        // What is known before a statement grows with the statements before it.
        if (size.weight * size.statements <= MOST) {
            return Optional.empty();
        }
        return Optional.of(
                new Reason(Rule.NOT_ANALYSABLE, "is too large to be analysed (" + size.statements + " statements)"));
    }

    private void add(List<Stmt> body, int factor) {
        for (Stmt stmt : body) {
            statements++;
            weight += factor;
            boolean loops = stmt instanceof Stmt.For || stmt instanceof Stmt.While;
            // Python allows twenty blocks in each other.
            int inside = loops ? Math.min(2 * factor, 1 << 20) : factor;
            Walk.blocksOf(stmt).forEach(block -> add(block, inside));
        }
    }
}
