package pydron.service;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import pydron.core.Core;
import pydron.core.Departures;
import pydron.core.Event;
import pydron.proto.Hello;

/// Which worker came for which claim. The core knows workers only by their own name.
final class Claims implements Instances {
    private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

    private final Optional<Admission> admission;
    private final SerialQueue<Event> queue;
    private final Map<String, String> workerOf = new ConcurrentHashMap<>();
    private volatile List<InstanceView> view = List.of();
    private long looked;

    Claims(Optional<Admission> admission, SerialQueue<Event> queue) {
        this.admission = admission;
        this.queue = queue;
    }

    /// Why the worker may not join; when it may, it is known from now on as the one of that claim.
    ///
    /// @param certified the claim that its certificate is made out to
    Optional<String> refusal(String certified, Hello hello) {
        if (!hello.getClaim().equals(certified)) {
            return Optional.of(
                    "its certificate is made out to claim '" + certified + "', and it says '" + hello.getClaim() + "'");
        }
        Optional<String> refusal = admission
                .orElseThrow()
                .refusal(new Admission.Applicant(certified, hello.getToken(), hello.getWorkerId()));
        if (refusal.isEmpty()) {
            workerOf.put(certified, hello.getWorkerId());
        }
        return refusal;
    }

    /// Whether a worker has joined for the claim since this scheduler began.
    boolean admitted(String claim) {
        return workerOf.containsKey(claim);
    }

    /// Called by the thread that runs the core, often.
    void look(Core core, long now) {
        if (workerOf.isEmpty() || now - looked < LOOK_NANOS && !view.isEmpty()) {
            return;
        }
        looked = now;
        Map<String, Departures.Sight> sights = new java.util.HashMap<>();
        core.sights(now).forEach(it -> sights.put(it.id(), it));
        List<InstanceView> seen = new ArrayList<>();
        workerOf.forEach((claim, worker) -> {
            Departures.Sight it = sights.get(worker);
            if (it != null) {
                seen.add(new InstanceView(
                        claim,
                        worker,
                        it.host(),
                        it.connected(),
                        it.draining(),
                        it.recalled(),
                        it.slots(),
                        it.running(),
                        it.done(),
                        it.idle(),
                        it.onlyCopies(),
                        it.onlyCopyBytes()));
            }
        });
        view = List.copyOf(seen);
    }

    @Override
    public List<InstanceView> view() {
        return view;
    }

    @Override
    public void lease(String claim, Duration left) {
        tell(claim, worker -> new Event.LeaseRenewed(worker, left));
    }

    @Override
    public void drain(String claim, Duration left) {
        tell(claim, worker -> new Event.DrainOrdered(worker, left));
    }

    private void tell(String claim, java.util.function.Function<String, Event> what) {
        Optional.ofNullable(workerOf.get(claim)).ifPresent(worker -> queue.submit(what.apply(worker)));
    }
}
