package pydron.core;

/// One outermost pipeline call. Its list begins with the outermost marker and ends with the root region's link.
/// In the table of places it stands for both, which share a number.
final class Run implements Place {
    final Job job;
    final Region root;
    final Marker head;

    /// Quiet tasks that are not done: linked like items, in a list of their own between two ends that stay.
    final Marker quietHead;

    final Marker quietTail;

    Run(Job job, int number) {
        this.job = job;
        this.root = new Region(number, this, 0);
        this.head = new Marker(number, root);
        head.next = root;
        root.prev = head;
        this.quietHead = new Marker(number, root);
        this.quietTail = new Marker(number, root);
        quietHead.next = quietTail;
        quietTail.prev = quietHead;
    }
}
