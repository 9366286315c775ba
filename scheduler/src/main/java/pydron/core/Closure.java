package pydron.core;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/// Values and all that they refer to, aliases resolved, each once. Without recursion: a list that is built in a loop
/// may nest as deep as the loop is long.
final class Closure {
    private Closure() {}

    static Collection<Value> of(Value[] values) {
        Set<Value> found = new LinkedHashSet<>();
        ArrayDeque<Value> row = new ArrayDeque<>();
        for (Value v : values) {
            visit(v.resolved(), found, row);
        }
        while (!row.isEmpty()) {
            for (Value d : row.poll().deps) {
                visit(d.resolved(), found, row);
            }
        }
        return found;
    }

    private static void visit(Value v, Set<Value> found, ArrayDeque<Value> row) {
        if (found.add(v) && v.deps.length > 0) {
            row.add(v);
        }
    }
}
