package pydron.core;

import java.util.Arrays;

/// A growing row of numbers, without a box for each.
final class Longs {
    private static final long[] NONE = {};

    private long[] items = NONE;
    private int size;

    void add(long item) {
        if (size == items.length) {
            items = Arrays.copyOf(items, Math.max(8, size * 2));
        }
        items[size++] = item;
    }

    boolean isEmpty() {
        return size == 0;
    }

    long[] take() {
        long[] out = size == 0 ? NONE : Arrays.copyOf(items, size);
        size = 0;
        return out;
    }

    int[] takeInts() {
        int[] out = new int[size];
        for (int i = 0; i < size; i++) {
            out[i] = (int) items[i];
        }
        size = 0;
        return out;
    }
}
