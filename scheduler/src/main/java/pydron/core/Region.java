package pydron.core;

import java.util.ArrayList;
import java.util.List;

/// An open region. Its link in the list is the place before which its strand appends; when it closes, the link goes
/// and what was appended stays.
final class Region extends Item implements Place {
    final int number;
    final Run run;

    /// The last task that was submitted before it was forked, or before the outermost region around it was; of the root
    /// region, 0.
    final int since;

    /// Its live markers, innermost last.
    final List<Marker> markers = new ArrayList<>(0);

    /// A brief ordered request of this region was released, and so was everything before it: more brief requests
    /// behind it may go along. Whenever this is set, all links before this one are markers or such regions.
    boolean passable;

    /// The marker whose body was discarded; until the driver has heard of it, it appends to that body.
    Marker awaited;

    Region(int number, Run run, int since) {
        this.number = number;
        this.run = run;
        this.since = since;
    }

    /// A task of this region, by the place of the region in the program.
    void place(Task task) {
        if (since != 0) {
            task.since = since;
        }
    }
}
