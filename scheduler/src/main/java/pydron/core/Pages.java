package pydron.core;

import java.util.Arrays;
import java.util.function.Consumer;

/// A table for things numbered more or less consecutively and dropped more or less in that order. Pages that have
/// become empty are let go, so the life of a long job costs one pointer for every thousand numbers.
final class Pages<T> {
    private static final int BITS = 10;
    private static final int SIZE = 1 << BITS;

    private static final class Page {
        final Object[] slots = new Object[SIZE];
        int used;
    }

    private Page[] pages = new Page[4];
    private int size;

    @SuppressWarnings("unchecked")
    T get(long number) {
        long p = number >>> BITS;
        if (p >= pages.length || pages[(int) p] == null) {
            return null;
        }
        return (T) pages[(int) p].slots[(int) number & (SIZE - 1)];
    }

    void put(long number, T thing) {
        int p = Math.toIntExact(number >>> BITS);
        if (p >= pages.length) {
            pages = Arrays.copyOf(pages, Math.max(p + 1, pages.length + (pages.length >> 1)));
        }
        if (pages[p] == null) {
            pages[p] = new Page();
        }
        Page page = pages[p];
        int slot = (int) number & (SIZE - 1);
        if (page.slots[slot] == null) {
            page.used++;
            size++;
        }
        page.slots[slot] = thing;
    }

    @SuppressWarnings("unchecked")
    T remove(long number) {
        long p = number >>> BITS;
        if (p >= pages.length || pages[(int) p] == null) {
            return null;
        }
        Page page = pages[(int) p];
        int slot = (int) number & (SIZE - 1);
        Object was = page.slots[slot];
        if (was != null) {
            page.slots[slot] = null;
            size--;
            if (--page.used == 0) {
                pages[(int) p] = null;
            }
        }
        return (T) was;
    }

    int size() {
        return size;
    }

    /// In the order of the numbers. The consumer may remove.
    @SuppressWarnings("unchecked")
    void forEach(Consumer<T> each) {
        for (int p = 0; p < pages.length; p++) {
            Page page = pages[p];
            for (int s = 0; page != null && s < SIZE; s++) {
                if (page.slots[s] != null) {
                    each.accept((T) page.slots[s]);
                }
            }
        }
    }
}
