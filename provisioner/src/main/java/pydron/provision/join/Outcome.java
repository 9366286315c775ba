package pydron.provision.join;

import java.util.Optional;

/// What came of a [Step].
sealed interface Outcome {
    /// Time has passed.
    record Rested() implements Outcome {}

    /// Which one answers first; empty: none does.
    record Sought(Optional<Destination> answers) implements Outcome {}

    record LoggedIn() implements Outcome {}

    record Seen(Found found) implements Outcome {}

    record Brought() implements Outcome {}

    record Started() implements Outcome {}

    /// The last lines of a log.
    record Told(String log) implements Outcome {}

    /// The connection stands, but what was to be done there failed.
    ///
    /// @param text of the program that failed
    record Failed(String text) implements Outcome {}

    /// There is no connection, or no longer.
    record Cut(Trouble trouble, String text) implements Outcome {}
}
