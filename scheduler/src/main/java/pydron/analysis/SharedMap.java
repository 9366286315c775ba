package pydron.analysis;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.BinaryOperator;

/// A sorted map whose copy costs nothing: copies share what is equal in them.
///
/// The analysis remembers what was known before each op of a pipeline, and its state grows with the pipeline: with maps
/// that are really copied, a thousand lines take a million steps. Below is an AVL tree of nodes that never change
/// (Adelson-Velsky and Landis 1962; path copying as in Driscoll et al. 1989).
final class SharedMap<K extends Comparable<K>, V> {
    private Node<K, V> root;

    SharedMap() {}

    private SharedMap(Node<K, V> root) {
        this.root = root;
    }

    private record Node<K, V>(K key, V value, Node<K, V> left, Node<K, V> right, int height) {
        static <K, V> Node<K, V> of(K key, V value, Node<K, V> left, Node<K, V> right) {
            return new Node<>(key, value, left, right, 1 + Math.max(depth(left), depth(right)));
        }

        static int depth(Node<?, ?> node) {
            return node == null ? 0 : node.height;
        }

        /// The same entries, where one side may have become higher than the other by two.
        static <K, V> Node<K, V> balanced(K key, V value, Node<K, V> left, Node<K, V> right) {
            if (depth(left) > depth(right) + 1) {
                if (depth(left.left) >= depth(left.right)) {
                    return of(left.key, left.value, left.left, of(key, value, left.right, right));
                }
                Node<K, V> top = left.right;
                return of(
                        top.key,
                        top.value,
                        of(left.key, left.value, left.left, top.left),
                        of(key, value, top.right, right));
            }
            if (depth(right) > depth(left) + 1) {
                if (depth(right.right) >= depth(right.left)) {
                    return of(right.key, right.value, of(key, value, left, right.left), right.right);
                }
                Node<K, V> top = right.left;
                return of(
                        top.key,
                        top.value,
                        of(key, value, left, top.left),
                        of(right.key, right.value, top.right, right.right));
            }
            return of(key, value, left, right);
        }
    }

    SharedMap<K, V> copy() {
        return new SharedMap<>(root);
    }

    /// The value of a key, null if there is none.
    V get(K key) {
        Node<K, V> found = find(root, key);
        return found == null ? null : found.value;
    }

    V getOrDefault(K key, V otherwise) {
        V found = get(key);
        return found == null ? otherwise : found;
    }

    boolean containsKey(K key) {
        return get(key) != null;
    }

    void put(K key, V value) {
        if (!value.equals(get(key))) {
            root = with(root, key, value);
        }
    }

    /// Adds a value, or what it makes together with the one that is there.
    void merge(K key, V value, BinaryOperator<V> together) {
        V known = get(key);
        put(key, known == null ? value : together.apply(known, value));
    }

    /// Takes the entries of the other map in, one by one, as `merge` does.
    void mergeAll(SharedMap<K, V> other, BinaryOperator<V> together) {
        other.forEachNotIn(copy(), (key, value) -> merge(key, value, together));
    }

    /// Some of the entries, among them all that are not the same in the other map: what both have in common, as copies
    /// of one map do, is not looked at.
    void forEachNotIn(SharedMap<K, V> other, BiConsumer<K, V> action) {
        forEachNotIn(root, other.root, action);
    }

    private static <K extends Comparable<K>, V> void forEachNotIn(
            Node<K, V> node, Node<K, V> other, BiConsumer<K, V> action) {
        if (node == null || find(other, node.key) == node) {
            return;
        }
        forEachNotIn(node.left, other, action);
        action.accept(node.key, node.value);
        forEachNotIn(node.right, other, action);
    }

    private static <K extends Comparable<K>, V> Node<K, V> find(Node<K, V> root, K key) {
        Node<K, V> node = root;
        while (node != null) {
            int order = key.compareTo(node.key);
            if (order == 0) {
                return node;
            }
            node = order < 0 ? node.left : node.right;
        }
        return null;
    }

    /// Whether every entry is in the other map too.
    private static <K extends Comparable<K>, V> boolean isIn(Node<K, V> node, Node<K, V> other) {
        if (node == null) {
            return true;
        }
        Node<K, V> there = find(other, node.key);
        return there == node
                || there != null && there.value.equals(node.value) && isIn(node.left, other) && isIn(node.right, other);
    }

    private static <K extends Comparable<K>, V> Node<K, V> with(Node<K, V> node, K key, V value) {
        if (node == null) {
            return Node.of(key, value, null, null);
        }
        int order = key.compareTo(node.key);
        if (order == 0) {
            return Node.of(key, value, node.left, node.right);
        }
        return order < 0
                ? Node.balanced(node.key, node.value, with(node.left, key, value), node.right)
                : Node.balanced(node.key, node.value, node.left, with(node.right, key, value));
    }

    /// The keys, in their order, at this moment.
    List<K> keys() {
        var keys = new ArrayList<K>();
        forEach((key, _) -> keys.add(key));
        return keys;
    }

    void forEach(BiConsumer<K, V> action) {
        Deque<Node<K, V>> open = new ArrayDeque<>();
        Node<K, V> node = root;
        while (node != null || !open.isEmpty()) {
            while (node != null) {
                open.push(node);
                node = node.left;
            }
            node = open.pop();
            action.accept(node.key, node.value);
            node = node.right;
        }
    }

    private List<Map.Entry<K, V>> entries() {
        var entries = new ArrayList<Map.Entry<K, V>>();
        forEach((key, value) -> entries.add(Map.entry(key, value)));
        return entries;
    }

    boolean sharesAllWith(SharedMap<K, V> other) {
        return root == other.root;
    }

    @Override
    @SuppressWarnings("unchecked") // keys of another type would not be compared: all maps that are, are of one field
    public boolean equals(Object other) {
        return other instanceof SharedMap<?, ?> map
                && (root == map.root
                        || isIn(root, ((SharedMap<K, V>) map).root) && isIn(((SharedMap<K, V>) map).root, root));
    }

    @Override
    public int hashCode() {
        return Objects.hash(entries());
    }

    @Override
    public String toString() {
        return entries().toString();
    }
}
