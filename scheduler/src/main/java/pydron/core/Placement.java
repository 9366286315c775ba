package pydron.core;

import java.util.List;

/// Where the next batch goes: a pure function of a snapshot.
///
/// A worker with a free slot comes before one that only has room to queue; among them the one that has to be brought
/// the least, then one that this task was not lost on, then the least loaded, then the first.
final class Placement {
    /// Below this, bringing data costs less than an uneven load.
    private static final long NEGLIGIBLE_BYTES = 256 * 1024;

    /// One worker's position. `freeSlots`: for a batch that runs at once; `queueRoom`: a brief batch may be put
    /// behind a running brief one.
    record Offer(int freeSlots, boolean queueRoom, long bytesToBring, double load, boolean shunned) {}

    /// What is to be placed. `width`: slots that it takes.
    record Demand(int width, boolean brief) {}

    private Placement() {}

    /// Index of the best offer, or -1 when it has to wait.
    static int choose(Demand demand, List<Offer> offers) {
        int best = -1;
        for (int i = 0; i < offers.size(); i++) {
            Offer offer = offers.get(i);
            if (rank(demand, offer) > 0 && (best < 0 || better(demand, offer, offers.get(best)))) {
                best = i;
            }
        }
        return best;
    }

    /// 2: runs at once, 1: waits behind something brief, 0: no room.
    private static int rank(Demand demand, Offer offer) {
        if (offer.freeSlots >= demand.width) {
            return 2;
        }
        return demand.brief && demand.width == 1 && offer.queueRoom ? 1 : 0;
    }

    private static boolean better(Demand demand, Offer a, Offer b) {
        int rank = Integer.compare(rank(demand, a), rank(demand, b));
        if (rank != 0) {
            return rank > 0;
        }
        long bytes = a.bytesToBring / NEGLIGIBLE_BYTES - b.bytesToBring / NEGLIGIBLE_BYTES;
        if (bytes != 0) {
            return bytes < 0;
        }
        if (a.shunned != b.shunned) {
            return b.shunned;
        }
        return a.load < b.load;
    }
}
