package pydron.cli.local;

import java.io.PrintStream;
import java.util.Map;

/// What there is to say, at the end of a program, by whom its tasks were run.
public interface Served {
    /// Tells about the run what the user wants to know; false if that is an error.
    ///
    /// @param title empty: the path of the script that connected
    boolean explain(String title, Map<String, String> environment, PrintStream err);

    /// What has been done, in words.
    String summary();

    /// What was computed before its turn, in words.
    String speculation();
}
