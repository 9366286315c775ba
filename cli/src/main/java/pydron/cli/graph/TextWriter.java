package pydron.cli.graph;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A graph as indented lines, for terminals and for comparing two of them.
public final class TextWriter {
    private final Graph graph;
    private final Map<String, Integer> numbers = new LinkedHashMap<>();
    private final StringBuilder out = new StringBuilder();

    private TextWriter(Graph graph) {
        this.graph = graph;
    }

    public static String write(Graph graph) {
        return new TextWriter(graph).document();
    }

    private String document() {
        graph.nodes().forEach(node -> numbers.put(node.id(), numbers.size() + 1));
        if (!graph.title().isEmpty()) {
            out.append(graph.title()).append('\n');
        }
        level(Optional.empty(), "  ");
        return out.toString();
    }

    private void level(Optional<String> parent, String indent) {
        for (Graph.Node node : graph.nodes()) {
            if (node.parent().equals(parent)) {
                node(node, indent);
            }
        }
        for (Graph.Cluster cluster : graph.clusters()) {
            if (cluster.parent().equals(parent)) {
                out.append(indent).append(cluster.label()).append(":\n");
                level(Optional.of(cluster.id()), indent + "    ");
            }
        }
    }

    private void node(Graph.Node node, String indent) {
        String kind = switch (node.kind()) {
            case TASK -> "task    ";
            case LOCAL -> "local   ";
            case CONTROL -> "control ";
            case EFFECT -> "effect  ";
            case TERMINAL -> "        ";
        };
        out.append(indent)
                .append(String.format("%3d ", numbers.get(node.id())))
                .append(kind)
                .append(String.join(" / ", node.label()));
        StringBuilder inputs = new StringBuilder();
        for (Graph.Edge edge : graph.edges()) {
            if (edge.to().equals(node.id())) {
                inputs.append(inputs.isEmpty() ? "" : ", ").append(numbers.get(edge.from()));
                switch (edge.flow()) {
                    case VALUE -> inputs.append(edge.label().isEmpty() ? "" : " (" + edge.label() + ")");
                    case ORDER -> inputs.append(" (order)");
                }
            }
        }
        out.append(inputs.isEmpty() ? "" : "   <- " + inputs).append('\n');
    }
}
