package pydron.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// All that belongs to one driver connection.
final class Job {
    final int number;
    final Facts.Driver driver;
    final Pages<Value> values = new Pages<>();
    final Pages<Function> functions = new Pages<>();
    final Pages<Place> places = new Pages<>();
    final Set<Run> runs = new LinkedHashSet<>();
    final ReadyTasks ready = new ReadyTasks();

    /// Tasks that are computed ahead and not adopted, and the size of the results that are there of them.
    final Map<Integer, AheadTasks.Entry> ahead = new LinkedHashMap<>();

    long aheadBytes;

    /// Bytes of results in files that may still be needed, and whether these are enough: see [Stock].
    long stock;

    boolean full;

    /// When they were last seen to be.
    OptionalLong heldBackAt = OptionalLong.empty();

    /// Workers that have been told of it.
    final Set<Worker> knownBy = new LinkedHashSet<>(4);

    /// Workers whose Python does not fit, and the user knows.
    final Set<String> unfitReported = new LinkedHashSet<>();

    /// Why its tasks could not be run on some worker, last; empty as long as none has said so.
    String declined = "";

    /// The task that was submitted last.
    int submitted;

    int done;
    int running;
    int waiting;

    /// Slots that its batches take, queued ones included.
    int inFlight;

    Effect.ShowProgress shown;
    long shownAt;
    /// What its user has been told of the machines.
    String noticed = "";

    /// What this event has brought for the driver.
    final List<Effect.Delivery> deliveries = new ArrayList<>();

    final Longs released = new Longs();

    Job(int number, Facts.Driver driver) {
        this.number = number;
        this.driver = driver;
    }
}
