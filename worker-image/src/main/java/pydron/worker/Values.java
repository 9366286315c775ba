package pydron.worker;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;

/// The values that this worker holds: those it was sent or has fetched, and large results of its own tasks. A small
/// result is not held: it travels with the report, and comes back with the task that needs it.
final class Values {
    /// A value that is here, or will be.
    sealed interface Held {
        long[] deps();

        long size();
    }

    record Inline(ByteString pickle, long[] deps) implements Held {
        @Override
        public long size() {
            return pickle.size();
        }
    }

    /// @param ours written here, so removed here when it is not wanted any more
    record Stored(Path path, long size, long[] deps, boolean ours) implements Held {}

    /// On its way here.
    record Arriving(long size, long[] deps) implements Held {}

    private final Map<Long, Held> held = new LinkedHashMap<>();

    void put(long value, Held what) {
        held.put(value, what);
    }

    Optional<Held> get(long value) {
        return Optional.ofNullable(held.get(value));
    }

    Map<Long, Held> all() {
        return held;
    }

    /// These values and all that they refer to, however deep.
    Set<Long> closure(long[] values) {
        Set<Long> all = new LinkedHashSet<>();
        long[] next = values;
        ArrayDeque<long[]> open = new ArrayDeque<>();
        while (next != null) {
            for (long value : next) {
                if (all.add(value)) {
                    get(value).filter(h -> h.deps().length > 0).ifPresent(h -> open.add(h.deps()));
                }
            }
            next = open.poll();
        }
        return all;
    }

    void free(long value) {
        if (held.remove(value) instanceof Stored(Path path, long size, long[] deps, boolean ours) && ours) {
            delete(path);
        }
    }

    void freeIf(LongPredicate which) {
        held.keySet().stream().filter(which::test).toList().forEach(this::free);
    }

    static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // It stays until the folder goes; nothing that runs depends on it.
        }
    }
}
