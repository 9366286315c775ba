package pydron.core;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The scheduler as a state machine: `handle(event, now)` gives the effects. One thread at a time.
///
/// A late, duplicate or unknown report is normal: it is ignored and counted ([Counters]), never thrown. An exception
/// out of here is a bug.
public final class Core {
    private static final long PROGRESS_NANOS = Duration.ofMillis(200).toNanos();

    /// A snapshot for the user.
    public record Statistics(int jobs, long done, int running, int waiting, int workers, int slots, Ahead ahead) {}

    /// Calls that were computed before their turn: how many, how many of them were then made, and how long workers were
    /// busy with the others. A call that was stopped counts with half of what its function takes.
    public record Ahead(long made, long used, double wastedSeconds) {
        public static final Ahead NONE = new Ahead(0, 0, 0);
    }

    private final Map<Integer, Job> jobs = new LinkedHashMap<>();
    private final Outbox out = new Outbox();
    private final Counters counters = new Counters();
    private final Graph graph;
    private final Fleet fleet;
    private final Stock stock;
    private final Dispatcher dispatcher;
    private final Stealing stealing;
    private long doneBefore;
    private Event.FleetDescribed described = new Event.FleetDescribed("", "");

    /// `firstAttempt` should differ from one scheduler to the next, so that a worker's report to the one before is
    /// not taken for something else.
    public Core(Duration lease, long firstAttempt) {
        this(lease, firstAttempt, Stock.BYTES_PER_SLOT);
    }

    /// For tests: with another measure of how much is enough.
    Core(Duration lease, long firstAttempt, long stockPerSlot) {
        this.graph = new Graph(out, counters, new Attempts(firstAttempt));
        this.fleet = new Fleet(out, graph, counters, jobs, lease.toNanos());
        this.stock = new Stock(stockPerSlot, fleet);
        this.dispatcher = new Dispatcher(out, graph, fleet, stock);
        this.stealing = new Stealing(out, fleet, stock);
    }

    /// The list is valid until the next call.
    public List<Effect> handle(Event event, long nowNanos) {
        out.start();
        switch (event) {
            case Event.FromDriver e -> fromDriver(e);
            case Event.FromWorker e -> fromWorker(e, nowNanos);
            case Event.UploadFinished e -> graph.storage.uploaded(find(e.value()), e.path(), e.size());
            case Event.UploadFailed e -> fleet.uploadFailed(find(e.value()));
            case Event.FileUnreadable e -> graph.storage.unreadable(find(e.value()), e.path());
            case Event.ValueAsked e -> graph.storage.asked(e.request(), find(e.value()));
            case Event.DrainOrdered e -> fleet.drain(e.worker(), e.left(), nowNanos);
            case Event.LeaseRenewed e -> fleet.renewLease(e.worker(), e.left());
            case Event.FleetDescribed e -> described = e;
            case Event.TimePassed e -> {
                fleet.endLeases(nowNanos);
                jobs.values().forEach(j -> progress(j, nowNanos));
            }
        }
        graph.drain();
        fleet.depart();
        // A value may be freed at a worker and sent there again by what follows.
        out.flush();
        dispatcher.run(jobs.values(), nowNanos);
        graph.drain();
        stealing.run(nowNanos);
        out.flush();
        return out.effects();
    }

    private void fromDriver(Event.FromDriver event) {
        if (event instanceof Event.JobOpened e) {
            jobs.put(e.job(), new Job(e.job(), e.driver()));
            return;
        }
        Job job = jobs.get(event.job());
        if (job == null) {
            counters.unknownNames++;
            return;
        }
        switch (event) {
            case Event.JobOpened e -> throw new IllegalStateException("handled above");
            case Event.FunctionDefined e ->
                job.functions.put(Integer.toUnsignedLong(e.function()), new Function(job, e.function(), e.facts()));
            case Event.RunBegun e -> graph.order.begin(job, e.root());
            case Event.TasksSubmitted e -> graph.submit(job, e);
            case Event.TaskAdopted e -> graph.ahead.adopt(job, e.region(), e.task());
            case Event.RegionForked e -> graph.order.fork(job, e.parent(), e.region());
            case Event.MarkerSet e -> graph.order.mark(job, e.region(), e.marker());
            case Event.RegionClosed e -> graph.order.close(job, e.region());
            case Event.RegionFailed e -> graph.order.fail(job, e.region());
            case Event.OrderAsked e -> graph.order.ordered(job, e.region(), e.token(), e.brief());
            case Event.FenceAsked e -> graph.order.fence(job, e.region(), e.marker(), e.token());
            case Event.ValuesWanted e -> graph.want(job, e.values());
            case Event.InlinePut e -> graph.driverValues.put(job, e.value(), e.deps(), new Content.Inline(e.pickle()));
            case Event.FilePut e -> graph.driverValues.put(job, e.value(), e.deps(), file(e));
            case Event.ValueAliased e -> graph.driverValues.alias(job, e.value(), e.other());
            case Event.ValueKeptInDriver e ->
                graph.driverValues.put(job, e.value(), new int[0], Content.DriverOnly.DRIVER_ONLY);
            case Event.ValueNeverComes e -> graph.driverValues.neverComes(job, e.value());
            case Event.ValuesFreed e -> graph.free(job, e.values());
            case Event.TaskRaisedInDriver e -> raisedInDriver(job, e);
            case Event.MarkerDropped e -> graph.order.unmark(job, e.marker());
            case Event.RunEnded e -> graph.order.end(job, e.root());
            case Event.JobClosed e -> close(job);
        }
    }

    private static Content file(Event.FilePut e) {
        Content.Filed filed = new Content.Filed(e.size(), 0);
        filed.kept = e.path();
        return filed;
    }

    private void raisedInDriver(Job job, Event.TaskRaisedInDriver e) {
        Value v = graph.find(job, e.task());
        if (v == null || v.task == null || v.task.stage != Task.Stage.IN_DRIVER) {
            counters.unknownNames++;
        } else {
            graph.fail(v.task, e.record());
        }
    }

    private void close(Job job) {
        for (Run run : List.copyOf(job.runs)) {
            graph.order.end(job, run.root.number);
        }
        job.values.forEach(v -> {
            v.held = false;
            v.wanted = false;
            graph.loosen(v);
        });
        graph.drain();
        // What is left waits for values that will never come.
        job.values.forEach(v -> {
            graph.ahead.dropped(v, v.task != null && v.task.stage == Task.Stage.ASSIGNED);
            graph.storage.drop(v);
        });
        out.flush();
        jobs.remove(job.number);
        fleet.forget(job);
        doneBefore += job.done;
        for (Worker w : job.knownBy) {
            Longs functions = new Longs();
            job.functions.forEach(f -> {
                if (f.knownBy.contains(w)) {
                    functions.add(f.id());
                }
            });
            out.add(new Effect.Free(w.session, new long[0], functions.take(), new int[] {job.number}));
        }
    }

    private void fromWorker(Event.FromWorker event, long now) {
        if (event instanceof Event.WorkerJoined e) {
            fleet.joined(e, now);
            return;
        }
        if (event instanceof Event.WorkerCutOff e) {
            fleet.cutOff(e.session(), now);
            return;
        }
        Worker w = fleet.heard(event.session(), now);
        if (w == null) {
            return;
        }
        switch (event) {
            case Event.WorkerJoined e -> throw new IllegalStateException("handled above");
            case Event.WorkerCutOff e -> throw new IllegalStateException("handled above");
            case Event.CreditGranted e -> w.grant(Math.max(0, e.batches()));
            case Event.ResultsReported e -> fleet.results(w, e.reports());
            case Event.OutputPrinted e -> output(w, e);
            case Event.WorkerSpoke e -> {}
            case Event.ValueVanished e -> fleet.valueVanished(w, e.value());
            case Event.WorkerRecalled e -> fleet.recalled(w, e.left(), now);
            case Event.WorkerLeft e -> fleet.left(w, "worker on " + w.facts.host() + " left: " + e.reason());
        }
    }

    private void output(Worker w, Event.OutputPrinted e) {
        Task t = graph.attempts.find(e.attempt());
        if (t == null || t.batch.worker != w) {
            counters.lateReports++;
            long value = t == null ? graph.attempts.resultOf(e.attempt()) : 0;
            if (value != 0 && jobs.containsKey((int) (value >>> 32))) {
                // Whoever reads what is printed below Python was late.
                out.add(new Effect.ForwardOutput((int) (value >>> 32), (int) value, e.stderr(), e.text()));
            }
        } else {
            Effect.ForwardOutput text =
                    new Effect.ForwardOutput(t.value.job.number, t.value.number, e.stderr(), e.text());
            if (t.standing == Task.Standing.AHEAD) {
                graph.ahead.printed(t, text);
            } else {
                out.add(text);
            }
        }
    }

    private Value find(long value) {
        Job job = jobs.get((int) (value >>> 32));
        return job == null ? null : graph.find(job, (int) value);
    }

    private void progress(Job job, long now) {
        if (job.runs.isEmpty() || job.shown != null && now - job.shownAt < PROGRESS_NANOS) {
            return;
        }
        int slots = slots();
        Effect.ShowProgress show = new Effect.ShowProgress(
                job.number,
                job.done,
                job.running,
                job.waiting,
                slots,
                fleet.workers().size(),
                described.line());
        if (!described.notice().equals(job.noticed)) {
            job.noticed = described.notice();
            if (!job.noticed.isEmpty()) {
                out.add(new Effect.Notify(job.number, Effect.Level.WARNING, job.noticed));
            }
        }
        if (!show.equals(job.shown)) {
            job.shown = show;
            job.shownAt = now;
            out.add(show);
        }
    }

    private int slots() {
        int slots = 0;
        for (Worker w : fleet.workers()) {
            slots += w.facts.slots();
        }
        return slots;
    }

    public Statistics statistics() {
        long done = doneBefore;
        int running = 0;
        int waiting = 0;
        for (Job job : jobs.values()) {
            done += job.done;
            running += job.running;
            waiting += job.waiting;
        }
        return new Statistics(
                jobs.size(), done, running, waiting, fleet.workers().size(), slots(), graph.ahead.statistics());
    }

    /// What is to be done. Takes time for each task that is ready: to be asked for now and then.
    public Demand demand(long nowNanos) {
        Statistics so = statistics();
        long submitted = so.done() + so.running() + so.waiting();
        return Demand.of(jobs.values(), fleet.workers(), submitted, stock, nowNanos);
    }

    /// What there is to know of each worker for those who start and end machines.
    public List<Departures.Sight> sights(long nowNanos) {
        return fleet.sights(nowNanos);
    }

    public Counters counters() {
        return counters;
    }

    /// For tests: how far a task has come; null when nothing is known of it any more.
    Task.Stage stageOf(int job, int task) {
        Job j = jobs.get(job);
        Value v = j == null ? null : graph.find(j, task);
        if (v == null) {
            return null;
        }
        return v.task != null ? v.task.stage : v.exists() ? Task.Stage.DONE : null;
    }

    /// For tests: values of a job that are nowhere, whether they can be computed again or not.
    int lostValues(int job) {
        int[] lost = new int[1];
        Job j = jobs.get(job);
        if (j != null) {
            j.values.forEach(v -> lost[0] += v.content instanceof Content.Filed f && f.lost() ? 1 : 0);
        }
        return lost[0];
    }

    /// For the story of a failure: every value of a job that is in memory, and why.
    String story(int job) {
        StringBuilder text = new StringBuilder();
        Job j = jobs.get(job);
        if (j != null) {
            j.values.forEach(v -> text.append("value ")
                    .append(Integer.toUnsignedString(v.number))
                    .append(v.content.getClass().getSimpleName())
                    .append(v.held ? " held" : "")
                    .append(v.wanted ? " wanted" : "")
                    .append(" needs ")
                    .append(v.needs)
                    .append(" lineage ")
                    .append(v.lineage)
                    .append(" missing ")
                    .append(v.missing)
                    .append(v.task == null ? "" : " task " + v.task.stage + " " + v.task.standing)
                    .append('\n'));
        }
        return text.toString();
    }

    /// For tests: what is left in memory.
    record Census(int jobs, int values, int places, int attempts, int ready, int runs) {}

    Census census() {
        int values = 0;
        int places = 0;
        int ready = 0;
        int runs = 0;
        for (Job job : jobs.values()) {
            values += job.values.size();
            places += job.places.size();
            ready += job.ready.size();
            runs += job.runs.size();
        }
        return new Census(jobs.size(), values, places, graph.attempts.size(), ready, runs);
    }
}
