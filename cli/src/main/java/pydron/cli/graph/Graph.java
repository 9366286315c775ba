package pydron.cli.graph;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A picture to be drawn: boxes, arrows, and frames around boxes. It knows nothing of what they stand for.
///
/// Invariant: every id is used once among nodes and clusters; edges join nodes; parents are clusters, without a cycle.
public record Graph(String title, List<Node> nodes, List<Edge> edges, List<Cluster> clusters) {
    /// How a node looks.
    public enum Kind {
        /// May run anywhere, at the same time as others.
        TASK,
        /// The user's own statements, in the driver.
        LOCAL,
        /// A decision taken while the program runs.
        CONTROL,
        /// Something seen from outside, which happens in program order.
        EFFECT,
        /// Where the picture begins or ends.
        TERMINAL
    }

    public enum Flow {
        /// A value goes from one to the other.
        VALUE,
        /// One comes after the other, without a value.
        ORDER
    }

    /// @param label  lines of text
    /// @param parent the cluster around it
    public record Node(String id, List<String> label, Kind kind, Optional<String> parent) {
        public Node {
            label = List.copyOf(label);
        }
    }

    /// @param label what travels, or ""
    public record Edge(String from, String to, String label, Flow flow) {}

    /// @param parent the cluster around it
    public record Cluster(String id, String label, Optional<String> parent) {}

    public Graph {
        nodes = List.copyOf(nodes);
        edges = List.copyOf(edges);
        clusters = List.copyOf(clusters);
        Map<String, Cluster> frames = new LinkedHashMap<>();
        for (Cluster cluster : clusters) {
            require(frames.put(cluster.id(), cluster) == null, "cluster '" + cluster.id() + "' twice");
        }
        Map<String, Node> boxes = new LinkedHashMap<>();
        for (Node node : nodes) {
            require(
                    boxes.put(node.id(), node) == null && !frames.containsKey(node.id()),
                    "id '" + node.id() + "' twice");
            node.parent().ifPresent(parent -> require(frames.containsKey(parent), "no cluster '" + parent + "'"));
        }
        for (Edge edge : edges) {
            require(boxes.containsKey(edge.from()), "edge from '" + edge.from() + "', which is no node");
            require(boxes.containsKey(edge.to()), "edge to '" + edge.to() + "', which is no node");
        }
        for (Cluster cluster : clusters) {
            int depth = 0;
            for (Optional<String> at = cluster.parent();
                    at.isPresent();
                    at = frames.get(at.get()).parent()) {
                require(frames.containsKey(at.get()), "no cluster '" + at.get() + "'");
                require(++depth <= clusters.size(), "cluster '" + cluster.id() + "' is inside itself");
            }
        }
    }

    private static void require(boolean condition, String complaint) {
        if (!condition) {
            throw new IllegalArgumentException("graph: " + complaint);
        }
    }
}
