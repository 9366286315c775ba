package pydron.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// A job's tasks that could run, in rows of equal needs so that a task that waits for a rare resource does not stand
/// in the way of others. Tasks that are cancelled stay until they come to the front or are too many.
final class ReadyTasks {
    static final class Row {
        final Facts.Needs needs;

        /// Of tasks that are not adopted: they get what the others leave.
        final boolean ahead;

        private final ArrayDeque<Task> tasks = new ArrayDeque<>(8);
        private int dead;

        Row(Facts.Needs needs, boolean ahead) {
            this.needs = needs;
            this.ahead = ahead;
        }

        /// The task whose turn it is, or null.
        Task peek() {
            while (true) {
                Task t = tasks.peek();
                if (t == null || t.stage == Task.Stage.READY) {
                    return t;
                }
                tasks.remove();
                dead--;
            }
        }

        Task poll() {
            Task t = peek();
            if (t != null) {
                tasks.remove();
            }
            return t;
        }

        /// The first one of those that are wanted, or null.
        Task first(Predicate<Task> wanted) {
            for (Task t : tasks) {
                if (t.stage == Task.Stage.READY && wanted.test(t)) {
                    return t;
                }
            }
            return null;
        }

        /// Takes out a task that [#peek] gave and that has ceased to be ready since; others may have come before it.
        void drop(Task t) {
            tasks.removeFirstOccurrence(t);
        }

        int size() {
            return tasks.size() - dead;
        }

        void forEach(Consumer<Task> action) {
            for (Task t : tasks) {
                if (t.stage == Task.Stage.READY) {
                    action.accept(t);
                }
            }
        }

        void addLast(Task t) {
            tasks.addLast(t);
        }

        /// It has waited its turn already.
        void addFirst(Task t) {
            tasks.addFirst(t);
        }

        /// One of the tasks is not ready any more.
        void died() {
            dead++;
            if (dead > 1000 && dead > tasks.size() / 2) {
                tasks.removeIf(t -> t.stage != Task.Stage.READY);
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
