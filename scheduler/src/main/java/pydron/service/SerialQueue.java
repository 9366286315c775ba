package pydron.service;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// Handles events one after the other without a thread of its own: whoever brings one handles all there are, unless
/// someone already does. A round trip so needs no change of threads.
final class SerialQueue<E> {
    private final ConcurrentLinkedQueue<E> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger work = new AtomicInteger();
    private final Consumer<E> handler;
    private final Runnable idle;

    /// `idle` is called, also serially, whenever the row has been emptied.
    SerialQueue(Consumer<E> handler, Runnable idle) {
        this.handler = handler;
        this.idle = idle;
    }

    /// Puts an event in the row, to be handled by the next [#drain].
    void offer(E event) {
        waiting.add(event);
    }

    void submit(E event) {
        waiting.add(event);
        drain();
    }

    /// Sees to it that everything offered before is handled, here or by the thread that is at it.
    void drain() {
        if (work.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            for (E event = waiting.poll(); event != null; event = waiting.poll()) {
                handler.accept(event);
            }
            idle.run();
            seen = work.addAndGet(-seen);
        } while (seen != 0);
    }
}
