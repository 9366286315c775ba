package pydron.core;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// A field that is mostly empty, often one thing, and seldom more: null, the thing, a list, or from a few things on a
/// set, so that what all workers have does not make each of them slow to find.
final class Several {
    private static final int LIST = 8;

    private Several() {}

    /// Adds what may be there already, and then is there twice.
    @SuppressWarnings("unchecked")
    static Object add(Object field, Object item) {
        return switch (field) {
            case null -> item;
            case ArrayList<?> list -> {
                ((ArrayList<Object>) list).add(item);
                yield list;
            }
            case Object one -> {
                ArrayList<Object> list = new ArrayList<>(3);
                list.add(one);
                list.add(item);
                yield list;
            }
        };
    }

    /// Adds what is not there.
    @SuppressWarnings("unchecked")
    static Object addNew(Object field, Object item) {
        return switch (field) {
            case LinkedHashSet<?> set -> {
                ((Set<Object>) set).add(item);
                yield set;
            }
            case ArrayList<?> list
            when list.size() == LIST -> {
                Set<Object> set = new LinkedHashSet<>(list);
                set.add(item);
                yield set;
            }
            case null, default -> add(field, item);
        };
    }

    static Object remove(Object field, Object item) {
        if (field instanceof ArrayList<?> list) {
            list.removeIf(x -> x == item);
            return list.isEmpty() ? null : list;
        }
        if (field instanceof LinkedHashSet<?> set) {
            set.remove(item);
            return set.isEmpty() ? null : set;
        }
        return field == item ? null : field;
    }

    static boolean contains(Object field, Object item) {
        return field == item
                || field instanceof ArrayList<?> list && list.contains(item)
                || field instanceof LinkedHashSet<?> set && set.contains(item);
    }

    @SuppressWarnings("unchecked")
    static <T> List<T> list(Object field) {
        return switch (field) {
            case null -> List.of();
            case ArrayList<?> list -> (List<T>) list;
            case LinkedHashSet<?> set -> List.copyOf((Set<T>) set);
            case Object one -> List.of((T) one);
        };
    }

    /// The first of them, no more than `most`.
    @SuppressWarnings("unchecked")
    static <T> void some(Object field, int most, Consumer<T> each) {
        int given = 0;
        switch (field) {
            case null -> {}
            case ArrayList<?> list -> {
                for (int i = 0; i < list.size() && given++ < most; i++) {
                    each.accept((T) list.get(i));
                }
            }
            case LinkedHashSet<?> set -> {
                for (Object one : set) {
                    if (given++ == most) {
                        return;
                    }
                    each.accept((T) one);
                }
            }
            case Object one -> each.accept((T) one);
        }
    }
}
