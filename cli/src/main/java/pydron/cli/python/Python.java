package pydron.cli.python;

import java.util.List;

/// A Python interpreter that Pydron can use.
///
/// @param executable what to start: the interpreter itself, never a shim
/// @param version    "3.11.7"
/// @param path       folders for the front of the module search path: that of the package pydron, unless it is
///                   installed, and that of cloudpickle where the interpreter has none
public record Python(String executable, String version, List<String> path) {
    public Python {
        path = List.copyOf(path);
    }

    /// `PYTHONPATH` for a process of this interpreter, in an environment where it was `inherited` (or null).
    public String pythonPath(String inherited) {
        String ours = String.join(":", path);
        String theirs = inherited == null ? "" : inherited;
        return ours.isEmpty() || theirs.isEmpty() ? ours + theirs : ours + ":" + theirs;
    }
}
