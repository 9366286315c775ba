package pydron.core;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The order of the sequential program, kept as one list for each run, and what may surface because of it: which
/// ordered requests and fences are released, and which failure is raised (`docs/protocols.md`, "Program order").
///
/// Complete items leave the list at once. So "everything earlier is complete" means: nothing but markers before it.
final class ProgramOrder {
    private final Outbox out;
    private final Counters counters;

    /// Told of each task that is thrown out of the list.
    private final Consumer<Task> discarded;

    ProgramOrder(Outbox out, Counters counters, Consumer<Task> discarded) {
        this.out = out;
        this.counters = counters;
        this.discarded = discarded;
    }

    void begin(Job job, int root) {
        if (job.places.get(Integer.toUnsignedLong(root)) != null) {
            counters.unknownNames++;
            return;
        }
        Run run = new Run(job, root);
        run.root.markers.add(run.head);
        job.places.put(Integer.toUnsignedLong(root), run);
        job.runs.add(run);
    }

    /// The open region of that number to which the driver may append now, or null.
    Region openFor(Job job, int number) {
        Region region = region(job, number);
        if (region != null && region.awaited != null) {
            counters.discardedAppends++;
            return null;
        }
        return region;
    }

    /// The region that tasks are submitted for: those that have no place yet are the run's, whatever becomes of its
    /// parts.
    Region placeFor(Job job, int number, Event.TasksSubmitted.Place place) {
        return place == Event.TasksSubmitted.Place.AHEAD ? region(job, number) : openFor(job, number);
    }

    private Region region(Job job, int number) {
        return switch (job.places.get(Integer.toUnsignedLong(number))) {
            case Region r -> r;
            case Run r -> r.root;
            case Marker m -> gone();
            case null -> gone();
        };
    }

    private Marker marker(Job job, int number) {
        return switch (job.places.get(Integer.toUnsignedLong(number))) {
            case Marker m -> m;
            case Run r -> r.head;
            case Region r -> null;
            case null -> null;
        };
    }

    private Region gone() {
        counters.unknownNames++;
        return null;
    }

    void append(Region region, Task task) {
        task.insertBefore(region);
        holdBack(region);
    }

    void appendQuiet(Region region, Task task) {
        task.insertBefore(region.run.quietTail);
    }

    void fork(Job job, int parent, int number) {
        Region region = openFor(job, parent);
        if (region == null) {
            return;
        }
        Region forked = new Region(number, region.run, region.since != 0 ? region.since : job.submitted);
        if (job.places.get(Integer.toUnsignedLong(number)) != null) {
            counters.unknownNames++;
            return;
        }
        job.places.put(Integer.toUnsignedLong(number), forked);
        forked.insertBefore(region);
        holdBack(region);
    }

    void mark(Job job, int number, int marker) {
        Region region = openFor(job, number);
        if (region == null || job.places.get(Integer.toUnsignedLong(marker)) != null) {
            return;
        }
        Marker m = new Marker(marker, region);
        job.places.put(Integer.toUnsignedLong(marker), m);
        region.markers.add(m);
        m.insertBefore(region);
    }

    /// The body of the marker raised and the driver deals with it, or the driver has read that it is gone.
    void unmark(Job job, int number) {
        Marker m = marker(job, number);
        if (m == null || m == m.region.run.head) {
            counters.unknownNames++;
        } else if (m.region.awaited == m) {
            forgetAwaited(m.region);
        } else {
            forget(m);
            m.unlink();
        }
    }

    void close(Job job, int number) {
        Region region = region(job, number);
        if (region == null || region == region.run.root) {
            return;
        }
        check(retire(region));
    }

    /// Takes an open region and its markers out; gives the link behind it. A marker that goes lets nothing through:
    /// requests and fences look past markers, and a failure right behind one has been raised already.
    private static Item retire(Region region) {
        Pages<Place> places = region.run.job.places;
        forgetAwaited(region);
        for (Marker m : region.markers) {
            places.remove(Integer.toUnsignedLong(m.number));
            m.unlink();
        }
        region.markers.clear();
        places.remove(Integer.toUnsignedLong(region.number));
        return region.unlink();
    }

    private static void forgetAwaited(Region region) {
        if (region.awaited != null && region.awaited != region.run.head) {
            region.run.job.places.remove(Integer.toUnsignedLong(region.awaited.number));
        }
        region.awaited = null;
    }

    void fail(Job job, int number) {
        Region region = region(job, number);
        if (region == null) {
            return;
        }
        if (region.awaited != null) {
            counters.discardedAppends++;
            close(job, number);
            return;
        }
        FailedRegion failed = new FailedRegion(region);
        failed.insertBefore(region);
        holdBack(region);
        if (region != region.run.root) {
            retire(region);
        }
        check(failed);
    }

    void ordered(Job job, int number, int token, boolean brief) {
        Region region = openFor(job, number);
        if (region != null) {
            OrderedRequest request = new OrderedRequest(region, token, brief);
            request.insertBefore(region);
            holdBack(region);
            check(request);
        }
    }

    void fence(Job job, int number, int marker, int token) {
        Region region = openFor(job, number);
        if (region == null) {
            return;
        }
        Marker m = marker(job, marker);
        if (m == null || m.region != region) {
            counters.unknownNames++;
            return;
        }
        Fence fence = new Fence(region, m, token);
        fence.insertBefore(region);
        holdBack(region);
        check(fence);
    }

    void completed(Task task) {
        check(task.unlink());
    }

    /// A task failed and stays in the list until its failure surfaces or is discarded.
    void failed(Task task) {
        check(task);
    }

    /// Ends the run: everything left of it is thrown out.
    void end(Job job, int root) {
        if (!(job.places.get(Integer.toUnsignedLong(root)) instanceof Run run)) {
            counters.unknownNames++;
            return;
        }
        discardBetween(run.head, run.root);
        discardBetween(run.quietHead, run.quietTail);
        forgetAwaited(run.root);
        job.places.remove(Integer.toUnsignedLong(root));
        job.runs.remove(run);
    }

    /// Something that is not complete was put before an open region: brief requests behind it have to wait again.
    private void holdBack(Region region) {
        for (Item i = region; i instanceof Marker || i instanceof Region r && r.passable; i = i.next) {
            if (i instanceof Region r) {
                r.passable = false;
            }
        }
    }

    /// Looks what may surface at a link whose predecessor has gone or that is new, and behind it as far as that
    /// lets more through.
    private void check(Item from) {
        Item at = from;
        while (at != null) {
            at = switch (at) {
                case Marker m -> m.next;
                case Region r -> r.passable ? r.next : null;
                case Task t -> raiseIfFirst(t, t.stage == Task.Stage.FAILED);
                case FailedRegion f -> raiseIfFirst(f, true);
                case Fence f -> releaseFence(f);
                case OrderedRequest o -> releaseOrdered(o);
            };
        }
    }

    private Item releaseOrdered(OrderedRequest request) {
        Item before = request.prev;
        while (before instanceof Marker) {
            before = before.prev;
        }
        boolean along = request.brief && before instanceof Region r && r.passable;
        if (before != null && !along) {
            return null;
        }
        Region region = request.region;
        Item after = request.unlink();
        out.release(region.run.job, request.token);
        region.passable = request.brief && after == region;
        return after;
    }

    private Item releaseFence(Fence fence) {
        List<Marker> body = new ArrayList<>(1);
        Item before = fence.prev;
        while (before instanceof Marker m) {
            body.add(m);
            if (m == fence.marker) {
                break;
            }
            before = before.prev;
        }
        if (before != fence.marker) {
            return null;
        }
        out.release(fence.region.run.job, fence.token);
        for (Marker m : body) {
            if (m != m.region.run.head) {
                forget(m);
                m.unlink();
            }
        }
        return fence.unlink();
    }

    private Item raiseIfFirst(Item failed, boolean hasFailed) {
        if (!hasFailed || !(failed.prev instanceof Marker marker)) {
            return null;
        }
        switch (failed) {
            case Task t -> out.raiseTask(t.value.job, marker.number, t);
            case FailedRegion f -> out.raiseRegion(f.region.run.job, marker.number, f.region.number);
            case Region r -> throw new IllegalStateException("an open region cannot have failed: " + r.number);
            case Marker m -> throw new IllegalStateException("a marker cannot have failed: " + m.number);
            case Fence f -> throw new IllegalStateException("a fence cannot have failed: " + f.token);
            case OrderedRequest o -> throw new IllegalStateException("a request cannot have failed: " + o.token);
        }
        Region region = marker.region;
        discardBetween(marker, region);
        forgetAwaited(region);
        region.awaited = marker;
        if (marker != region.run.head) {
            // Its number stays known until the driver has answered.
            region.markers.remove(marker);
            marker.unlink();
        }
        return null;
    }

    /// Throws out all links between two that stay.
    private void discardBetween(Item first, Item last) {
        Item at = first.next;
        while (at != last) {
            Item after = at.unlink();
            switch (at) {
                case Task t -> discarded.accept(t);
                case Region r -> forget(r);
                case Marker m -> forget(m);
                case Fence f -> {}
                case OrderedRequest o -> {}
                case FailedRegion f -> {}
            }
            at = after;
        }
    }

    private static void forget(Region region) {
        region.run.job.places.remove(Integer.toUnsignedLong(region.number));
        forgetAwaited(region);
    }

    private static void forget(Marker marker) {
        marker.region.markers.remove(marker);
        marker.region.run.job.places.remove(Integer.toUnsignedLong(marker.number));
    }
}
