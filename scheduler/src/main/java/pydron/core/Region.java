package pydron.core;

import java.util.ArrayList;
import java.util.List;

/// An open region. Its link in the list is the place before which its strand appends; when it closes, the link goes
/// and what was appended stays.
final class Region extends Item implements Place {
    final int number;
    final Run run;

    /// Its live markers, innermost last.
    final List<Marker> markers = new ArrayList<>(0);

    /// A brief ordered request of this region was released, and so was everything before it: more brief requests
    /// behind it may go along. Whenever this is set, all links before this one are markers or such regions.
    boolean passable;

    /// The marker whose body was discarded; until the driver has heard of it, it appends to that body.
    Marker awaited;

    Region(int number, Run run) {
        this.number = number;
        this.run = run;
    }
}
