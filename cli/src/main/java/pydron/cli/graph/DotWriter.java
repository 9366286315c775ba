package pydron.cli.graph;

import java.util.Optional;

/// A graph in the language of Graphviz, for those who want to lay it out themselves.
public final class DotWriter {
    private final Graph graph;
    private final StringBuilder out = new StringBuilder();

    private DotWriter(Graph graph) {
        this.graph = graph;
    }

    public static String write(Graph graph) {
        return new DotWriter(graph).document();
    }

    private String document() {
        out.append("digraph pydron {\n");
        out.append("  label=").append(quoted(graph.title())).append("; labelloc=t; fontname=\"sans-serif\";\n");
        out.append("  node [fontname=\"sans-serif\", shape=box, style=\"filled,rounded\"];\n");
        out.append("  edge [fontname=\"sans-serif\", fontsize=11];\n");
        level(Optional.empty(), "  ");
        for (Graph.Edge edge : graph.edges()) {
            out.append("  ").append(quoted(edge.from())).append(" -> ").append(quoted(edge.to()));
            String label = edge.label().isEmpty() ? "" : "label=" + quoted(edge.label());
            String look = switch (edge.flow()) {
                case VALUE -> "";
                case ORDER -> "style=dashed, color=\"" + Style.ORDER_LINE + "\"";
            };
            String both = label + (label.isEmpty() || look.isEmpty() ? "" : ", ") + look;
            out.append(both.isEmpty() ? "" : " [" + both + "]").append(";\n");
        }
        return out.append("}\n").toString();
    }

    private void level(Optional<String> parent, String indent) {
        for (Graph.Node node : graph.nodes()) {
            if (node.parent().equals(parent)) {
                Style style = Style.of(node.kind());
                String shape = node.kind() == Graph.Kind.CONTROL ? ", shape=hexagon, style=filled" : "";
                out.append("%s%s [label=%s, fillcolor=\"%s\", color=\"%s\"%s];\n"
                        .formatted(
                                indent,
                                quoted(node.id()),
                                quoted(String.join("\n", node.label())),
                                style.fill,
                                style.line,
                                shape));
            }
        }
        for (Graph.Cluster cluster : graph.clusters()) {
            if (cluster.parent().equals(parent)) {
                out.append(indent)
                        .append("subgraph ")
                        .append(quoted("cluster_" + cluster.id()))
                        .append(" {\n");
                out.append(indent)
                        .append("  label=")
                        .append(quoted(cluster.label()))
                        .append(";\n");
                level(Optional.of(cluster.id()), indent + "  ");
                out.append(indent).append("}\n");
            }
        }
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
