package pydron.core;

/// A link in the program order of a run. What is complete is not in the list, so every link but a marker is something
/// that holds back what comes after it.
abstract sealed class Item permits Task, Region, Marker, OrderedRequest, Fence, FailedRegion {
    Item prev;
    Item next;

    final void insertBefore(Item place) {
        prev = place.prev;
        next = place;
        if (prev != null) {
            prev.next = this;
        }
        place.prev = this;
    }

    /// Leaves the list; gives the link that came after it.
    final Item unlink() {
        Item after = next;
        if (prev != null) {
            prev.next = next;
        }
        if (next != null) {
            next.prev = prev;
        }
        prev = null;
        next = null;
        return after;
    }
}
