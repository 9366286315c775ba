package pydron.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// A job's tasks that could run, in rows of equal needs so that a task that waits for a rare resource does not stand
/// in the way of others. What began first in the program comes first. Tasks that are cancelled stay until they come to
/// the front or are too many.
final class ReadyTasks {
    static final class Row {
        final Facts.Needs needs;

        /// Of tasks that are not adopted: they get what the others leave.
        final boolean ahead;

        /// In the order of their turns: most come so.
        private final ArrayDeque<Task> tasks = new ArrayDeque<>(8);

        /// Those that came when later ones were there.
        private final PriorityQueue<Task> late = new PriorityQueue<>(8, Task.TURN);

        private int dead;

        Row(Facts.Needs needs, boolean ahead) {
            this.needs = needs;
            this.ahead = ahead;
        }

        /// The task whose turn it is, or null.
        Task peek() {
            Task first = alive(tasks);
            Task other = late.isEmpty() ? null : alive(late);
            return other == null || first != null && Task.TURN.compare(first, other) < 0 ? first : other;
        }

        private Task alive(Queue<Task> queue) {
            while (true) {
                Task t = queue.peek();
                if (t == null || t.stage == Task.Stage.READY) {
                    return t;
                }
                queue.remove();
                dead--;
            }
        }

        Task poll() {
            Task t = peek();
            if (t != null) {
                drop(t);
            }
            return t;
        }

        /// The first one of those that are wanted, or null.
        Task first(Predicate<Task> wanted) {
            Task first = null;
            for (Task t : tasks) {
                if (t.stage == Task.Stage.READY && wanted.test(t)) {
                    first = t;
                    break;
                }
            }
            for (Task t : late) {
                if (t.stage == Task.Stage.READY
                        && (first == null || Task.TURN.compare(t, first) < 0)
                        && wanted.test(t)) {
                    first = t;
                }
            }
            return first;
        }

        /// Takes out a task that [#peek] or [#first] gave, which may have ceased to be ready since; others may have
        /// come before it.
        void drop(Task t) {
            if (tasks.peek() == t) {
                tasks.remove();
            } else if (late.peek() == t) {
                late.remove();
            } else if (!tasks.removeFirstOccurrence(t)) {
                late.remove(t);
            }
        }

        int size() {
            return tasks.size() + late.size() - dead;
        }

        void forEach(Consumer<Task> action) {
            for (Queue<Task> queue : List.of(tasks, late)) {
                for (Task t : queue) {
                    if (t.stage == Task.Stage.READY) {
                        action.accept(t);
                    }
                }
            }
        }

        void add(Task t) {
            Task last = tasks.peekLast();
            if (last == null || Task.TURN.compare(last, t) < 0) {
                tasks.addLast(t);
            } else {
                late.add(t);
            }
        }

        /// One of the tasks is not ready any more.
        void died() {
            dead++;
            if (dead > 1000 && dead > (tasks.size() + late.size()) / 2) {
                tasks.removeIf(t -> t.stage != Task.Stage.READY);
                late.removeIf(t -> t.stage != Task.Stage.READY);
                dead = 0;
            }
        }
    }

    private final List<Row> rows = new ArrayList<>(2);

    Row row(Facts.Needs needs, boolean ahead) {
        for (Row row : rows) {
            if (row.ahead == ahead && row.needs.equals(needs)) {
                return row;
            }
        }
        Row row = new Row(needs, ahead);
        rows.add(row);
        return row;
    }

    List<Row> rows() {
        return rows;
    }

    int size() {
        int sum = 0;
        for (Row row : rows) {
            sum += row.size();
        }
        return sum;
    }
}
