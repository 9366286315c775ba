package pydron.cli.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

class GraphTest {
    private static final Optional<String> TOP = Optional.empty();

    private static Graph.Node node(String id, String label, Graph.Kind kind, Optional<String> parent) {
        return new Graph.Node(id, List.of(label), kind, parent);
    }

    private static Graph.Edge value(String from, String to, String label) {
        return new Graph.Edge(from, to, label, Graph.Flow.VALUE);
    }

    /// A loop with a branch in it, and an arrow back.
    private static Graph example() {
        return new Graph(
                "a < b & \"c\"",
                List.of(
                        node("start", "pipeline(xs)", Graph.Kind.TERMINAL, TOP),
                        node("next", "next x", Graph.Kind.CONTROL, Optional.of("loop")),
                        node("f", "f(x)", Graph.Kind.TASK, Optional.of("loop")),
                        node("if", "if y > 1", Graph.Kind.CONTROL, Optional.of("loop")),
                        node("add", "total += y", Graph.Kind.LOCAL, Optional.of("then")),
                        node("print", "print(total)", Graph.Kind.EFFECT, TOP)),
                List.of(
                        value("start", "next", "xs"),
                        value("next", "f", "x"),
                        value("f", "if", "y"),
                        value("f", "add", "y"),
                        new Graph.Edge("if", "add", "then", Graph.Flow.ORDER),
                        new Graph.Edge("add", "next", "next total", Graph.Flow.ORDER),
                        new Graph.Edge("add", "add", "next total", Graph.Flow.ORDER),
                        value("add", "print", "total")),
                List.of(
                        new Graph.Cluster("then", "then", Optional.of("loop")),
                        new Graph.Cluster("loop", "for x in xs", TOP)));
    }

    @Test
    void text() {
        assertThat(TextWriter.write(example())).isEqualTo("""
                a < b & "c"
                    1         pipeline(xs)
                    6 effect  print(total)   <- 5 (total)
                  for x in xs:
                        2 control next x   <- 1 (xs), 5 (order)
                        3 task    f(x)   <- 2 (x)
                        4 control if y > 1   <- 3 (y)
                      then:
                            5 local   total += y   <- 3 (y), 4 (order), 5 (order)
                """);
    }

    @Test
    void dot() {
        assertThat(DotWriter.write(example()))
                .startsWith("digraph pydron {\n  label=\"a < b & \\\"c\\\"\";")
                .contains("  subgraph \"cluster_loop\" {\n    label=\"for x in xs\";\n")
                .contains("    subgraph \"cluster_then\" {\n")
                .contains("  \"f\" -> \"add\" [label=\"y\"];\n")
                .contains("  \"if\" -> \"add\" [label=\"then\", style=dashed, color=\"#9a9a9a\"];\n")
                .endsWith("}\n");
    }

    @Test
    void layoutKeepsBoxesApartAndInTheirFrames() {
        Picture picture = Layout.of(example());
        for (Picture.Box one : picture.boxes()) {
            for (Picture.Box other : picture.boxes()) {
                boolean apart = one == other
                        || one.x() + one.width() <= other.x()
                        || other.x() + other.width() <= one.x()
                        || one.y() + one.height() <= other.y()
                        || other.y() + other.height() <= one.y();
                assertThat(apart).as(one + " and " + other).isTrue();
            }
            assertThat(one.x() + one.width()).isLessThanOrEqualTo(picture.width());
            assertThat(one.y() + one.height()).isLessThanOrEqualTo(picture.height());
        }
        Picture.Frame loop = picture.frames().getFirst();
        Picture.Frame then = picture.frames().getLast();
        assertThat(loop.label()).isEqualTo("for x in xs");
        assertThat(then.x()).isGreaterThan(loop.x());
        assertThat(then.y() + then.height()).isLessThan(loop.y() + loop.height());
    }

    @Test
    void arrowsGoFromBoxToBox() {
        Graph graph = example();
        Picture picture = Layout.of(graph);
        for (int i = 0; i < graph.edges().size(); i++) {
            Graph.Edge edge = graph.edges().get(i);
            Picture.Arrow arrow = picture.arrows().get(i);
            assertThat(distance(box(graph, picture, edge.from()), arrow.path().getFirst()))
                    .as("tail of " + edge)
                    .isLessThan(1.5);
            assertThat(distance(box(graph, picture, edge.to()), arrow.path().getLast()))
                    .as("head of " + edge)
                    .isLessThan(1.5);
        }
    }

    private static Picture.Box box(Graph graph, Picture picture, String id) {
        for (int i = 0; i < graph.nodes().size(); i++) {
            if (graph.nodes().get(i).id().equals(id)) {
                return picture.boxes().get(i);
            }
        }
        throw new IllegalArgumentException(id);
    }

    private static double distance(Picture.Box box, Picture.Point point) {
        double dx = Math.max(Math.max(box.x() - point.x(), 0), point.x() - box.x() - box.width());
        double dy = Math.max(Math.max(box.y() - point.y(), 0), point.y() - box.y() - box.height());
        return Math.hypot(dx, dy);
    }

    @Test
    void codeIsBelowWhatComesBeforeIt() {
        Graph graph = example();
        Picture picture = Layout.of(graph);
        assertThat(box(graph, picture, "next").y())
                .isLessThan(box(graph, picture, "f").y());
        assertThat(box(graph, picture, "f").y())
                .isLessThan(box(graph, picture, "add").y());
    }

    @Test
    void svgIsXml() throws Exception {
        String svg = SvgWriter.write(Layout.of(example()));
        var document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        assertThat(document.getElementsByTagName("polyline").getLength()).isEqualTo(8);
        assertThat(document.getElementsByTagName("text").item(0).getTextContent())
                .isEqualTo("a < b & \"c\"");
    }

    @Test
    void pngIsAnImageWithColours() throws Exception {
        Picture picture = Layout.of(example());
        var image = ImageIO.read(new ByteArrayInputStream(PngWriter.write(picture)));
        assertThat(image.getWidth()).isEqualTo((int) Math.ceil(picture.width() * 2));
        Picture.Box task = picture.boxes().get(2);
        int rgb = image.getRGB((int) ((task.x() + 6) * 2), (int) ((task.y() + task.height() / 2) * 2)) & 0xffffff;
        assertThat(String.format("#%06x", rgb)).isEqualTo(Style.TASK.fill);
        int corner = image.getRGB(image.getWidth() - 1, image.getHeight() - 1) & 0xffffff;
        assertThat(corner).isEqualTo(0xffffff);
    }

    @Test
    void graphsThatMakeNoSenseAreRefused() {
        var box = node("a", "a", Graph.Kind.TASK, TOP);
        assertThatThrownBy(() -> new Graph("", List.of(box, box), List.of(), List.of()))
                .hasMessage("graph: id 'a' twice");
        assertThatThrownBy(() -> new Graph("", List.of(box), List.of(value("a", "b", "")), List.of()))
                .hasMessage("graph: edge to 'b', which is no node");
        var self = new Graph.Cluster("c", "c", Optional.of("c"));
        assertThatThrownBy(() -> new Graph("", List.of(), List.of(), List.of(self)))
                .hasMessage("graph: cluster 'c' is inside itself");
    }
}
