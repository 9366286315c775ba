package pydron.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Workers by what matters to a job: those of one kind differ for it only in what room they have.
final class Rooms {
    /// So long after it could not serve a program that goes on elsewhere, a worker is taken for a broken one.
    private static final long BROKEN_NANOS = 60_000_000_000L;

    /// The Python is its minor version, or empty where it fits all. `declined` are the jobs that cannot run there.
    private record Kind(String python, boolean sharesMemory, List<Integer> declined) {
        static Kind of(Worker w) {
            return new Kind(minor(w.facts.python()), w.facts.sharesMemory(), List.copyOf(w.declined));
        }
    }

    private final Outbox out;
    private final Map<Kind, Room> rooms = new LinkedHashMap<>();

    Rooms(Outbox out) {
        this.out = out;
    }

    void add(Worker w) {
        rooms.computeIfAbsent(Kind.of(w), kind -> new Room(kind.sharesMemory)).add(w);
    }

    static void remove(Worker w) {
        if (w.room != null) {
            w.room.remove(w);
        }
    }

    boolean anyOpen() {
        for (Room room : rooms.values()) {
            if (room.isOpen()) {
                return true;
            }
        }
        return false;
    }

    /// What the job needs cannot be installed there: it is given to others. Where nobody is left who could run it,
    /// its tasks fail, until someone comes.
    void declined(Worker w, Job job, String why, long now) {
        job.declined = "what the program requires cannot be installed on " + w.facts.host() + ": " + why;
        if (w.declined.isEmpty()) {
            w.declinedAt = now;
        }
        if (w.gone || !w.declined.add(job.number)) {
            return;
        }
        remove(w);
        add(w);
        out.add(new Effect.Notify(job.number, Effect.Level.WARNING, job.declined));
    }

    /// The job is over; so is what it was declined for.
    void forget(Job job, Collection<Worker> workers) {
        for (Worker w : workers) {
            if (w.declined.remove(job.number)) {
                remove(w);
                add(w);
            }
        }
        rooms.entrySet()
                .removeIf(it -> it.getKey().declined.contains(job.number)
                        && it.getValue().isEmpty());
    }

    /// It has not been able to serve a program for a while, and that goes on elsewhere.
    static boolean broken(Worker w, long now) {
        return !w.declined.isEmpty() && now - w.declinedAt > BROKEN_NANOS && w.departure == null;
    }

    /// Where there are workers whose Python can load what this job pickles, and that have what it needs.
    List<Room> fitFor(Job job, Collection<Worker> workers) {
        String python = minor(job.driver.python());
        List<Room> fit = new ArrayList<>(2);
        rooms.forEach((kind, room) -> {
            if (kind.python.isEmpty() || kind.python.equals(python)) {
                if (!kind.declined.contains(job.number)) {
                    fit.add(room);
                }
            } else if (room.connected() > 0) {
                reportUnfit(job, room, workers);
            }
        });
        return fit;
    }

    private void reportUnfit(Job job, Room room, Collection<Worker> workers) {
        for (Worker w : workers) {
            if (w.room == room && w.connected && job.unfitReported.add(w.facts.id())) {
                out.add(new Effect.Notify(
                        job.number,
                        Effect.Level.WARNING,
                        "worker on " + w.facts.host()
                                + " is not used: it has Python " + w.facts.python() + ", the script runs on "
                                + job.driver.python()));
            }
        }
    }

    private static String minor(String version) {
        int first = version.indexOf('.');
        int second = first < 0 ? -1 : version.indexOf('.', first + 1);
        return second < 0 ? version : version.substring(0, second);
    }
}
