package pydron.provision.join;

import java.time.Instant;
import java.util.Objects;

/// How far an instance is on its way to join, for `pydron instances`.
///
/// @param text in words: what is being done, or what keeps it and what to do about it
/// @param since when the stage began
public record JoinReport(Stage stage, String text, Instant since) {
    public enum Stage {
        /// No address yet, or nobody answers there yet.
        WAITING,
        /// Logged in: the worker bundle is brought and the worker started.
        PREPARING,
        /// The machine is logged in to and the worker runs. Whether it has joined the scheduler knows.
        RUNNING,
        /// It was connected and is not at the moment: it is tried again.
        CUT,
        /// It will not get better by itself: somebody has to do what the text says. It is tried again all the same,
        /// less
        /// often.
        STUCK,
        /// This machine will never do, whoever does what: it is not tried again.
        USELESS
    }

    public JoinReport {
        Objects.requireNonNull(stage);
        Objects.requireNonNull(text);
        Objects.requireNonNull(since);
    }
}
