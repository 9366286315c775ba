package pydron.core;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// One decision, and the change of a worker that goes with it, in fleets of different size: to grow with the logarithm.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PlacementBenchmark {
    private static final int SLOTS = 25;

    @Param({"10", "1000", "10000"})
    public int workers;

    private final Room room = new Room(false);
    private final List<Worker> all = new ArrayList<>();
    private int oldest;

    @Setup
    public void fleet() {
        for (int i = 0; i < workers; i++) {
            Worker w = new Worker(i, new Facts.Worker("w" + i, "h", "3.11.7", SLOTS, 0, 0, false), 2 * SLOTS, 0);
            all.add(w);
            room.add(w);
        }
    }

    @Benchmark
    public Object placeOne() {
        Worker w = room.best(1, Facts.Needs.ONE_SLOT, false, null);
        if (w == null) {
            // All are full: one of them ends all that it has.
            Worker full = all.get(oldest++ % workers);
            full.lastingWidth = 0;
            full.grant(0);
            return full;
        }
        w.lastingWidth++;
        w.grant(0);
        return w;
    }
}
