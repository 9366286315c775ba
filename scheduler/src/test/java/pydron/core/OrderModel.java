package pydron.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;

/// Program order once more, written as plainly as the protocol page puts it and without a thought to speed: a tree
/// that is flattened after every event. It says which releases and raises must come out of the event.
final class OrderModel {
    private enum Kind {
        REGION,
        TASK,
        MARKER,
        ORDERED,
        FENCE,
        FAILED
    }

    private static final class Node {
        final Kind kind;
        final int number;
        final List<Node> kids = new ArrayList<>();
        Node region;
        boolean closed;
        boolean brief;
        boolean releasedBrief;
        boolean discarding;
        int marker = -1;

        Node(Kind kind, int number, Node region) {
            this.kind = kind;
            this.number = number;
            this.region = region;
        }
    }

    private final IntFunction<Task.Stage> stageOf;
    private final IntFunction<Boolean> reallyDone;
    private final Map<Integer, Node> roots = new LinkedHashMap<>();
    private final Map<Integer, Node> regions = new HashMap<>();
    private final Map<Integer, Node> markers = new HashMap<>();

    /// `stageOf` asks the core, `reallyDone` the simulated machines.
    OrderModel(IntFunction<Task.Stage> stageOf, IntFunction<Boolean> reallyDone) {
        this.stageOf = stageOf;
        this.reallyDone = reallyDone;
    }

    /// Takes an event in and checks what came out against what must.
    void check(Event event, List<Effect> effects) {
        apply(event);
        List<Integer> released = new ArrayList<>();
        List<String> raised = new ArrayList<>();
        while (surfaceOne(released, raised)) {
            // One more thing may surface because of the last one.
        }
        List<Integer> wasReleased = new ArrayList<>();
        List<String> wasRaised = new ArrayList<>();
        for (Effect effect : effects) {
            if (effect instanceof Effect.Release r) {
                for (int token : r.tokens()) {
                    wasReleased.add(token);
                }
            } else if (effect instanceof Effect.RaiseTask r) {
                wasRaised.add("task " + r.task() + " to " + r.marker());
            } else if (effect instanceof Effect.RaiseRegion r) {
                wasRaised.add("region " + r.region() + " to " + r.marker());
            }
        }
        Set<Integer> expected = new LinkedHashSet<>(released);
        if (!expected.equals(new LinkedHashSet<>(wasReleased)) || released.size() != wasReleased.size()) {
            throw new AssertionError("released " + wasReleased + " where the order demands " + released + story());
        }
        if (!raised.equals(wasRaised)) {
            throw new AssertionError("raised " + wasRaised + " where the order demands " + raised + story());
        }
    }

    private void apply(Event event) {
        switch (event) {
            case Event.RunBegun e -> {
                Node root = new Node(Kind.REGION, e.root(), null);
                roots.put(e.root(), root);
                regions.put(e.root(), root);
                Node marker = new Node(Kind.MARKER, e.root(), root);
                markers.put(e.root(), marker);
                root.kids.add(marker);
            }
            case Event.TasksSubmitted e -> {
                for (int i = 0; e.place() == Event.TasksSubmitted.Place.HERE && i < e.functions().length; i++) {
                    append(e.region(), Kind.TASK, e.first() + i);
                }
            }
            case Event.TaskAdopted e -> append(e.region(), Kind.TASK, e.task());
            case Event.RegionForked e -> {
                Node forked = append(e.parent(), Kind.REGION, e.region());
                if (forked != null) {
                    regions.put(e.region(), forked);
                }
            }
            case Event.MarkerSet e -> {
                Node marker = append(e.region(), Kind.MARKER, e.marker());
                if (marker != null) {
                    markers.put(e.marker(), marker);
                }
            }
            case Event.RegionClosed e -> close(regions.get(e.region()));
            case Event.RegionFailed e -> {
                Node region = regions.get(e.region());
                append(e.region(), Kind.FAILED, e.region());
                if (region != null && region.region != null) {
                    close(region);
                }
            }
            case Event.OrderAsked e -> {
                Node request = append(e.region(), Kind.ORDERED, e.token());
                if (request != null) {
                    request.brief = e.brief();
                }
            }
            case Event.FenceAsked e -> {
                Node fence = append(e.region(), Kind.FENCE, e.token());
                if (fence != null) {
                    fence.marker = e.marker();
                }
            }
            case Event.MarkerDropped e -> {
                Node marker = markers.remove(e.marker());
                if (marker != null) {
                    if (marker.region.discarding && marker.region.marker == e.marker()) {
                        marker.region.discarding = false;
                    }
                    marker.region.kids.remove(marker);
                }
            }
            case Event.RunEnded e -> {
                roots.remove(e.root());
                regions.clear();
                markers.clear();
            }
            default -> {}
        }
    }

    private Node append(int region, Kind kind, int number) {
        Node parent = regions.get(region);
        if (parent == null || parent.discarding) {
            return null;
        }
        Node node = new Node(kind, number, parent);
        parent.kids.add(node);
        return node;
    }

    private void close(Node region) {
        if (region != null) {
            region.closed = true;
            region.discarding = false;
            regions.remove(region.number);
            for (Node kid : List.copyOf(region.kids)) {
                if (kid.kind == Kind.MARKER) {
                    region.kids.remove(kid);
                    markers.remove(kid.number);
                }
            }
        }
    }

    /// All that is not complete, in the order of the sequential program; an open region stands where it would append.
    private void flatten(Node region, List<Node> into) {
        for (Node kid : List.copyOf(region.kids)) {
            switch (kid.kind) {
                case REGION -> {
                    flatten(kid, into);
                    if (kid.closed && kid.kids.isEmpty()) {
                        region.kids.remove(kid);
                    }
                }
                case TASK -> {
                    if (done(kid.number)) {
                        region.kids.remove(kid);
                    } else {
                        into.add(kid);
                    }
                }
                case MARKER, ORDERED, FENCE, FAILED -> into.add(kid);
            }
        }
        if (!region.closed) {
            into.add(region);
        }
    }

    private boolean done(int task) {
        Task.Stage stage = stageOf.apply(task);
        if (stage == Task.Stage.DONE && !reallyDone.apply(task)) {
            throw new AssertionError("task " + task + " counts as complete, but was never run to its end");
        }
        return stage == Task.Stage.DONE || stage == null && reallyDone.apply(task);
    }

    /// The core may have forgotten it in the same event in which it failed and was raised.
    private boolean failed(int task) {
        Task.Stage stage = stageOf.apply(task);
        return stage == Task.Stage.FAILED || stage == null && !reallyDone.apply(task);
    }

    private boolean surfaceOne(List<Integer> released, List<String> raised) {
        for (Node root : roots.values()) {
            List<Node> flat = new ArrayList<>();
            flatten(root, flat);
            for (int i = 0; i < flat.size(); i++) {
                Node node = flat.get(i);
                boolean surfaced = switch (node.kind) {
                    case ORDERED -> releasable(flat, i) && release(node, released);
                    case FENCE -> fenceComplete(flat, i) && releaseFence(flat, i, released);
                    case TASK -> failed(node.number) && raise(flat, i, raised);
                    case FAILED -> raise(flat, i, raised);
                    case REGION, MARKER -> false;
                };
                if (surfaced) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean releasable(List<Node> flat, int at) {
        for (Node before : flat.subList(0, at)) {
            boolean passable = before.kind == Kind.REGION && before.releasedBrief && flat.get(at).brief;
            if (before.kind != Kind.MARKER && !passable) {
                return false;
            }
        }
        return true;
    }

    private static boolean release(Node request, List<Integer> released) {
        request.region.kids.remove(request);
        request.region.releasedBrief = request.brief;
        released.add(request.number);
        return true;
    }

    private boolean fenceComplete(List<Node> flat, int at) {
        for (int i = at - 1; i >= 0; i--) {
            if (flat.get(i).kind != Kind.MARKER) {
                return false;
            }
            if (flat.get(i) == markers.get(flat.get(at).marker)) {
                return true;
            }
        }
        return false;
    }

    private boolean releaseFence(List<Node> flat, int at, List<Integer> released) {
        Node fence = flat.get(at);
        fence.region.kids.remove(fence);
        for (int i = at - 1; ; i--) {
            Node marker = flat.get(i);
            if (!roots.containsKey(marker.number)) {
                marker.region.kids.remove(marker);
                markers.remove(marker.number);
            }
            if (marker.number == fence.marker) {
                released.add(fence.number);
                return true;
            }
        }
    }

    private boolean raise(List<Node> flat, int at, List<String> raised) {
        if (at == 0 || flat.get(at - 1).kind != Kind.MARKER) {
            return false;
        }
        Node marker = flat.get(at - 1);
        Node failed = flat.get(at);
        raised.add((failed.kind == Kind.TASK ? "task " : "region ") + failed.number + " to " + marker.number);
        Node region = marker.region;
        int from = region.kids.indexOf(marker);
        for (Node kid : List.copyOf(region.kids.subList(from + 1, region.kids.size()))) {
            discard(kid);
            region.kids.remove(kid);
        }
        if (region.kids.size() > 1 || region.region != null || region.number != marker.number) {
            region.kids.remove(marker);
        }
        region.discarding = true;
        region.marker = marker.number;
        return true;
    }

    private void discard(Node node) {
        if (node.kind == Kind.REGION) {
            regions.remove(node.number);
            node.kids.forEach(this::discard);
        } else if (node.kind == Kind.MARKER) {
            markers.remove(node.number);
        }
    }

    private String story() {
        StringBuilder out = new StringBuilder("; the list is");
        for (Node root : roots.values()) {
            List<Node> flat = new ArrayList<>();
            flatten(root, flat);
            for (Node n : flat) {
                out.append(' ').append(n.kind).append(' ').append(n.number);
            }
        }
        return out.toString();
    }
}
