package pydron.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SharedMapTest {
    @Test
    void aCopyKeepsWhatItHad() {
        var map = new SharedMap<String, Integer>();
        map.put("a", 1);
        var copy = map.copy();
        assertTrue(copy.sharesAllWith(map));
        map.put("a", 2);
        map.put("b", 3);
        assertEquals(1, copy.get("a"));
        assertNull(copy.get("b"));
        assertEquals(2, map.get("a"));
        assertNotEquals(map, copy);
    }

    @Test
    void doesWhatATreeMapDoes() {
        var random = new Random(3);
        for (int life = 0; life < 200; life++) {
            var shared = new SharedMap<Integer, Integer>();
            var plain = new TreeMap<Integer, Integer>();
            var copies = new ArrayList<SharedMap<Integer, Integer>>();
            var plainCopies = new ArrayList<TreeMap<Integer, Integer>>();
            for (int step = 0; step < 200; step++) {
                int key = random.nextInt(60);
                int value = random.nextInt(5);
                if (random.nextBoolean()) {
                    shared.put(key, value);
                    plain.put(key, value);
                } else {
                    shared.merge(key, value, Integer::sum);
                    plain.merge(key, value, Integer::sum);
                }
                if (random.nextInt(20) == 0) {
                    copies.add(shared.copy());
                    plainCopies.add(new TreeMap<>(plain));
                }
            }
            copies.add(shared);
            plainCopies.add(plain);
            for (int i = 0; i < copies.size(); i++) {
                assertEquals(plainCopies.get(i).toString(), text(copies.get(i)), "life " + life);
                assertEquals(
                        List.copyOf(plainCopies.get(i).keySet()), copies.get(i).keys());
            }
            var joined = copies.getFirst().copy();
            joined.mergeAll(shared, Math::max);
            plain.forEach((key, value) -> plainCopies.getFirst().merge(key, value, Math::max));
            assertEquals(plainCopies.getFirst().toString(), text(joined));
        }
    }

    @Test
    void whatCopiesHaveInCommonIsNotLookedAt() {
        var map = new SharedMap<Integer, Integer>();
        for (int i = 0; i < 10_000; i++) {
            map.put(i, i);
        }
        var copy = map.copy();
        copy.put(17, -1);
        var seen = new ArrayList<Integer>();
        copy.forEachNotIn(map, (key, _) -> seen.add(key));
        assertTrue(seen.contains(17) && seen.size() < 20, seen::toString);
        assertNotEquals(map, copy);
        copy.put(17, 17);
        assertEquals(map, copy);
    }

    @Test
    void equalityIsThatOfTheEntries() {
        var one = new SharedMap<Integer, String>();
        var other = new SharedMap<Integer, String>();
        for (int i = 0; i < 50; i++) {
            one.put(i, "v" + i);
            other.put(49 - i, "v" + (49 - i));
        }
        assertEquals(one, other);
        assertEquals(one.hashCode(), other.hashCode());
        other.put(7, "else");
        assertNotEquals(one, other);
    }

    /// A degenerate tree would take minutes, or more stack than there is.
    @Test
    void keysInTheirOrderDoNotMakeAList() {
        var map = new SharedMap<Integer, Integer>();
        for (int i = 0; i < 200_000; i++) {
            map.put(i, i);
        }
        assertEquals(199_999, map.get(199_999));
    }

    private static String text(SharedMap<Integer, Integer> map) {
        return "{" + map.toString().substring(1).replace("]", "}");
    }
}
