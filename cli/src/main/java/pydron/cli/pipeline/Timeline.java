package pydron.cli.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;

/// Calls with what each has to wait for, in the order in which a program makes them, and how long they would take. What
/// the program itself does takes no time here.
public final class Timeline {
    /// More are not looked at.
    static final int MOST_CALLS = 200_000;

    private static final int MOST_NODES = 4_000_000;

    private record Node(double seconds, int[] after) {}

    private final List<Node> nodes = new ArrayList<>();
    private int calls;

    /// A node that nothing comes before.
    static final int BEGIN = 0;

    Timeline() {
        nodes.add(new Node(0, new int[0]));
    }

    boolean full() {
        return calls >= MOST_CALLS || nodes.size() >= MOST_NODES;
    }

    int call(double seconds, int... after) {
        calls++;
        nodes.add(new Node(seconds, after));
        return nodes.size() - 1;
    }

    /// When all of these are over.
    int both(int one, int other) {
        if (one == other || other == BEGIN) {
            return one;
        }
        if (one == BEGIN) {
            return other;
        }
        nodes.add(new Node(0, new int[] {one, other}));
        return nodes.size() - 1;
    }

    public int calls() {
        return calls;
    }

    /// Of all calls, one after the other.
    public double work() {
        return nodes.stream().mapToDouble(Node::seconds).sum();
    }

    private double[] ends() {
        double[] ends = new double[nodes.size()];
        for (int i = 0; i < ends.length; i++) {
            double start = 0;
            for (int before : nodes.get(i).after) {
                start = Math.max(start, ends[before]);
            }
            ends[i] = start + nodes.get(i).seconds;
        }
        return ends;
    }

    /// The longest chain of calls of which each waits for the one before: no number of slots makes it shorter.
    public double chain() {
        return Arrays.stream(ends()).max().orElse(0);
    }

    /// How many calls run at the same time at most, where there is a slot for each.
    public int width() {
        double[] ends = ends();
        List<double[]> moments = new ArrayList<>();
        for (int i = 0; i < ends.length; i++) {
            double seconds = nodes.get(i).seconds;
            if (seconds > 0) {
                moments.add(new double[] {ends[i] - seconds, 1});
                moments.add(new double[] {ends[i], -1});
            }
        }
        // Where one ends and another begins they are not at the same time; sums are not exact.
        moments.sort((a, b) -> Math.abs(a[0] - b[0]) < 1e-9 * Math.max(1, a[0])
                ? Double.compare(a[1], b[1])
                : Double.compare(a[0], b[0]));
        int now = 0;
        int most = 0;
        for (double[] moment : moments) {
            now += (int) moment[1];
            most = Math.max(most, now);
        }
        return most;
    }

    /// How long it takes with so many slots, each call beginning as soon as it can, earlier ones first.
    public double seconds(int slots) {
        int n = nodes.size();
        int[] missing = new int[n];
        int[] first = new int[n];
        Arrays.fill(first, -1);
        List<int[]> next = new ArrayList<>(); // {waiting node, the next entry of the same node}
        for (int i = 0; i < n; i++) {
            for (int before : nodes.get(i).after) {
                missing[i]++;
                next.add(new int[] {i, first[before]});
                first[before] = next.size() - 1;
            }
        }
        PriorityQueue<Integer> ready = new PriorityQueue<>();
        record Running(double end, int node) {}
        PriorityQueue<Running> running =
                new PriorityQueue<>((a, b) -> a.end != b.end ? Double.compare(a.end, b.end) : a.node - b.node);
        for (int i = 0; i < n; i++) {
            if (missing[i] == 0) {
                ready.add(i);
            }
        }
        double now = 0;
        int free = Math.max(1, slots);
        while (true) {
            while (!ready.isEmpty() && (free > 0 || nodes.get(ready.peek()).seconds == 0)) {
                int node = ready.poll();
                double seconds = nodes.get(node).seconds;
                free -= seconds > 0 ? 1 : 0;
                running.add(new Running(now + seconds, node));
                if (seconds == 0) {
                    break;
                }
            }
            Running over = running.poll();
            if (over == null) {
                return now;
            }
            now = over.end;
            free += nodes.get(over.node).seconds > 0 ? 1 : 0;
            for (int at = first[over.node]; at >= 0; at = next.get(at)[1]) {
                int waiting = next.get(at)[0];
                if (--missing[waiting] == 0) {
                    ready.add(waiting);
                }
            }
        }
    }
}
