package pydron.service;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/// The workers that joined for a claim, and what can be told to them. What is told may get lost with a stream, and is
/// to be told again. May be called on any thread.
public interface Instances {
    /// As of the last second. A worker that came back after a break is in it once. One that has said goodbye or is lost
    /// is
    /// not in it.
    List<InstanceView> view();

    /// The machine may run on for so long.
    void lease(String claim, Duration left);

    /// The worker gets no more tasks, and what only it holds is brought here: when it has no tasks and no only copies
    /// any
    /// more, its machine may be ended. After `left` it ends by itself.
    /// Once told, it stays so, also when the worker comes back after a break.
    void drain(String claim, Duration left);

    /// @param connected its stream is open
    /// @param draining it has been told to drain
    /// @param recalled its cloud has told it that the machine is taken away
    /// @param slots how many tasks it runs at a time
    /// @param running tasks that it has been given and that have not ended
    /// @param done tasks that have ended there since it joined
    /// @param idle how long it has had no task; zero while it has one
    /// @param onlyCopies values that are nowhere else and that someone may still need
    /// @param onlyCopyBytes the size of these
    record InstanceView(
            String claim,
            String workerId,
            String host,
            boolean connected,
            boolean draining,
            boolean recalled,
            int slots,
            int running,
            long done,
            Duration idle,
            int onlyCopies,
            long onlyCopyBytes) {
        public InstanceView {
            Objects.requireNonNull(claim);
            Objects.requireNonNull(workerId);
            Objects.requireNonNull(host);
            Objects.requireNonNull(idle);
        }
    }
}
