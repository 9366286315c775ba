package pydron.core;

import java.util.ArrayList;
import java.util.List;

/// What there is of a value.
sealed interface Content {
    /// Nothing yet: announced, or its task is not done.
    record Missing() implements Content {
        static final Missing MISSING = new Missing();
    }

    /// The pickle itself.
    record Inline(byte[] pickle) implements Content {}

    /// Only in the driver's memory.
    record DriverOnly() implements Content {
        static final DriverOnly DRIVER_ONLY = new DriverOnly();
    }

    /// The same as another value.
    record Alias(Value target) implements Content {}

    /// It will never exist.
    record Failed(byte[] record) implements Content {}

    /// A value file, at workers or here. It is *lost* when it is nowhere, and may then be computed again.
    final class Filed implements Content {
        /// Values one could have to compute again to get this one back: kept from growing without end.
        static final int MAX_DEPTH = 64;

        record Source(Worker worker, String path) {}

        long size;

        /// A file that the scheduler owns, or null.
        String kept;

        final List<Source> sources = new ArrayList<>(1);

        /// The path that the driver was last given, or null. It may be that of a copy that is gone since.
        String given;

        /// The worker that was asked to send it here.
        Worker uploader;

        /// Values that the driver waits for and that will be there with the upload.
        final List<Value> awaiting = new ArrayList<>(0);

        /// Calls of workers that are answered then.
        final Longs askers = new Longs();

        final int depth;

        /// How much of it is in its job's [Stock].
        long counted;

        Filed(long size, int depth) {
            this.size = size;
            this.depth = depth;
        }

        boolean lost() {
            return kept == null && sources.isEmpty();
        }

        /// A path that can be opened on the scheduler's machine, or null.
        String localPath() {
            if (kept != null) {
                return kept;
            }
            for (Source s : sources) {
                if (s.worker.facts.sharesMemory() && !s.path.isEmpty()) {
                    return s.path;
                }
            }
            return null;
        }
    }
}
