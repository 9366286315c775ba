package pydron.core;

import java.util.ArrayDeque;
import java.util.List;
import pydron.core.Content.Filed;

/// Where values are, how they get to the driver, and how one is computed again when the only copy is lost.
///
/// A result that is only a file at workers keeps its *recipe*: function, arguments, and the recipes of its inputs.
/// Inputs that are needed for nothing else drop their data but not their recipe ([Value#lineage]).
final class Storage {
    /// A value lost so often is not tried again.
    private static final int MAX_RECALLS = 10;

    private final Outbox out;
    private final Graph graph;
    private final Counters counters;
    private boolean hasLost;

    Storage(Outbox out, Graph graph, Counters counters) {
        this.out = out;
        this.graph = graph;
        this.counters = counters;
    }

    /// Sends a value that the driver waits for, or sees to it that it will be sent.
    void deliver(Value v) {
        Value root = v.resolved();
        if (root.content instanceof Filed filed && filed.lost()) {
            revive(root);
        }
        switch (root.content) {
            case Content.Missing m -> {
                if (v != root) {
                    v.missing++;
                    root.addDependent(v);
                }
            }
            case Content.Inline inline -> {
                if (root.deps.length == 0) {
                    out.deliver(v, new Effect.Payload.Pickle(inline.pickle()));
                }
                v.wanted = false;
            }
            case Filed filed -> {
                String path = filed.localPath();
                if (path != null) {
                    filed.given = path;
                    out.deliver(v, new Effect.Payload.File(path));
                    v.wanted = false;
                } else {
                    filed.awaiting.add(v);
                    requestUpload(root, filed);
                }
            }
            case Content.DriverOnly d -> v.wanted = false;
            case Content.Failed failed -> {
                // The failure of an item surfaces in program order instead.
                if (root.task == null || root.task.standing != Task.Standing.ITEM) {
                    out.deliver(v, new Effect.Payload.Failure(failed.record()));
                }
                v.wanted = false;
            }
            case Content.Alias a -> throw new IllegalStateException("alias resolves to an alias: " + v.number);
        }
    }

    void requestUpload(Value v, Filed filed) {
        if (filed.uploader == null) {
            Filed.Source source = filed.sources.getFirst();
            filed.uploader = source.worker();
            String path = filed.uploader.facts.sharesMemory() ? source.path() : "";
            out.add(new Effect.RequestUpload(filed.uploader.session, v.id(), path));
        }
    }

    /// A worker fetches a value.
    void asked(long request, Value v) {
        switch (v == null ? Content.Missing.MISSING : v.content) {
            case Content.Inline inline -> out.add(new Effect.ServePickle(request, v.id(), inline.pickle()));
            case Filed filed -> {
                String path = filed.localPath();
                if (path != null) {
                    out.add(new Effect.ServeFile(request, v.id(), path));
                } else if (filed.lost()) {
                    out.add(new Effect.RefuseValue(request, "it was lost"));
                } else {
                    filed.askers.add(request);
                    requestUpload(v, filed);
                }
            }
            case Content.Missing m -> out.add(new Effect.RefuseValue(request, "it is not there"));
            case Content.DriverOnly d -> out.add(new Effect.RefuseValue(request, "it is in the driver"));
            case Content.Alias a -> asked(request, a.target());
            case Content.Failed f -> out.add(new Effect.RefuseValue(request, "it failed"));
        }
    }

    private void refuseAskers(Filed filed, String reason) {
        for (long request : filed.askers.take()) {
            out.add(new Effect.RefuseValue(request, reason));
        }
    }

    void uploaded(Value v, String path, long size) {
        if (v == null || !(v.content instanceof Filed filed) || filed.kept != null) {
            boolean same = v != null && v.content instanceof Filed f && path.equals(f.kept);
            if (!same) {
                out.add(new Effect.DeleteFile(path));
            }
            return;
        }
        filed.kept = path;
        filed.size = size;
        filed.uploader = null;
        for (long request : filed.askers.take()) {
            out.add(new Effect.ServeFile(request, v.id(), path));
        }
        if (v.task != null) {
            forgetRecipe(v.task);
            v.task = null;
        }
        redeliver(filed);
    }

    private void redeliver(Filed filed) {
        if (filed.awaiting.isEmpty()) {
            return;
        }
        List<Value> waiting = List.copyOf(filed.awaiting);
        filed.awaiting.clear();
        for (Value w : waiting) {
            if (w.wanted) {
                deliver(w);
                graph.loosen(w);
            }
        }
    }

    void addSource(Value v, Filed filed, Worker worker, String path) {
        filed.sources.removeIf(s -> s.worker() == worker);
        filed.sources.add(new Filed.Source(worker, path));
        worker.sourceOf.add(v);
        if (worker.departure != null) {
            worker.departure.also(v);
        }
        v.mention(worker);
    }

    /// Some value has been lost in this scheduler's life, so existence cannot be taken for lasting.
    boolean hasLost() {
        return hasLost;
    }

    /// That worker does not have it any more.
    void vanished(Value v, Worker worker) {
        worker.forgetful = true;
        v.unmention(worker);
        sourceGone(v, worker);
    }

    /// The copy that [Filed#localPath] names is of no use.
    void unreadable(Value named, String said) {
        Value v = named == null ? null : named.resolved();
        if (v == null || !(v.content instanceof Filed filed) || filed.localPath() == null) {
            return;
        }
        if (!filed.localPath().equals(said.isEmpty() ? filed.given : said)) {
            return; // one that went with its worker, and there is another
        }
        if (filed.kept != null) {
            filed.kept = null;
            endangered(v, filed);
        } else {
            String path = filed.localPath();
            filed.sources.stream()
                    .filter(s -> s.path().equals(path))
                    .findFirst()
                    .ifPresent(s -> vanished(v, s.worker()));
        }
        lostOne(v, filed);
    }

    /// A copy is gone: those that are to go may be the only ones that still have it.
    private static void endangered(Value v, Filed filed) {
        for (Filed.Source s : filed.sources) {
            if (s.worker().departure != null) {
                s.worker().departure.also(v);
            }
        }
    }

    private void lostOne(Value v, Filed filed) {
        if (filed.lost()) {
            Stock.gone(v, filed);
            hasLost = true;
            refuseAskers(filed, "it was lost");
            redeliver(filed);
        }
    }

    /// That worker cannot give it to others.
    void sourceGone(Value v, Worker worker) {
        worker.sourceOf.remove(v);
        if (!(v.content instanceof Filed filed)) {
            return;
        }
        filed.sources.removeIf(s -> s.worker() == worker);
        endangered(v, filed);
        if (filed.uploader == worker) {
            filed.uploader = null;
            if (!filed.sources.isEmpty()) {
                requestUpload(v, filed);
            }
        }
        lostOne(v, filed);
    }

    /// A file only at workers may have to be computed again; a long row of such files would all have to be. Now and
    /// then one is therefore brought to safety, and what is before it can be forgotten.
    void limitDepth(Value v, Filed filed) {
        if (filed.depth >= Filed.MAX_DEPTH) {
            requestUpload(v, filed);
        }
    }

    static int depthOf(Task task) {
        int depth = 0;
        for (Value d : task.deps) {
            if (d.resolved().content instanceof Filed f && f.kept == null) {
                depth = Math.max(depth, f.depth);
            }
        }
        return depth + 1;
    }

    void reviveIfLost(Value v) {
        if (v.content instanceof Filed filed && v.missing == 0 && filed.lost()) {
            revive(v);
        }
    }

    /// Puts the task of a lost value back to waiting, and those of its lost inputs.
    void revive(Value lost) {
        ArrayDeque<Value> row = new ArrayDeque<>();
        row.add(lost);
        while (!row.isEmpty()) {
            Value v = row.poll();
            if (!(v.content instanceof Filed filed) || !filed.lost()) {
                continue;
            }
            Task t = v.task;
            if (t == null || t.recalls >= MAX_RECALLS) {
                graph.failLost(v, "its result was lost with the worker that held it");
                continue;
            }
            counters.recomputed++;
            t.recalls++;
            v.content = Content.Missing.MISSING;
            t.standing = Task.Standing.RECALLED;
            graph.stage(t, Task.Stage.WAITING);
            for (Value d : t.deps) {
                d.needs++;
                d.lineage--;
            }
            recall(t, row);
        }
    }

    private void recall(Task t, ArrayDeque<Value> row) {
        t.missing = 0;
        for (Value d : t.deps) {
            if (!d.exists()) {
                t.missing++;
                d.addDependent(t);
                if (d.failed()) {
                    graph.settle(d); // Tells it to this new dependent.
                } else {
                    row.add(d);
                }
            }
        }
        if (t.missing == 0) {
            graph.again(t);
        }
    }

    /// The recomputation is not needed after all, the recipe is.
    void giveUpRecall(Task t) {
        for (Value d : t.deps) {
            if (t.stage == Task.Stage.WAITING) {
                d.removeDependent(t);
            }
            d.lineage++;
            graph.unneed(d);
        }
        t.value.content = new Filed(0, depthOf(t));
        graph.stage(t, Task.Stage.DONE);
    }

    /// Frees the data of a value that only recipes refer to, where they suffice to get it back.
    void dropButKeepRecipe(Value v) {
        if (v.content instanceof Filed filed && filed.kept == null && v.task != null) {
            drop(v);
        }
    }

    /// Frees all copies.
    void drop(Value v) {
        if (v.content instanceof Filed filed) {
            deleteKept(filed);
            filed.kept = null;
            filed.uploader = null;
            refuseAskers(filed, "it was freed");
            filed.sources.forEach(s -> s.worker().sourceOf.remove(v));
            filed.sources.clear();
            Stock.gone(v, filed);
        }
        for (Worker w : List.copyOf(v.mentions())) {
            if (!w.gone) {
                out.free(w, v.id());
            }
            v.unmention(w);
        }
    }

    void deleteKept(Content content) {
        if (content instanceof Filed filed && filed.kept != null) {
            out.add(new Effect.DeleteFile(filed.kept));
        }
    }

    /// The result will not have to be computed again.
    void forgetRecipe(Task task) {
        for (Value d : task.deps) {
            d.lineage--;
            graph.loosen(d);
        }
        task.deps = Value.NONE;
        task.args = null;
    }
}
