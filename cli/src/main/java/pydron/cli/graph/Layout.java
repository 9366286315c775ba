package pydron.cli.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.elk.alg.layered.options.LayeredMetaDataProvider;
import org.eclipse.elk.alg.layered.options.LayeredOptions;
import org.eclipse.elk.alg.layered.options.NodePlacementStrategy;
import org.eclipse.elk.core.RecursiveGraphLayoutEngine;
import org.eclipse.elk.core.data.LayoutMetaDataService;
import org.eclipse.elk.core.math.ElkPadding;
import org.eclipse.elk.core.math.KVector;
import org.eclipse.elk.core.options.CoreOptions;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.options.EdgeLabelPlacement;
import org.eclipse.elk.core.options.EdgeRouting;
import org.eclipse.elk.core.options.HierarchyHandling;
import org.eclipse.elk.core.util.BasicProgressMonitor;
import org.eclipse.elk.core.util.ElkUtil;
import org.eclipse.elk.graph.ElkBendPoint;
import org.eclipse.elk.graph.ElkEdge;
import org.eclipse.elk.graph.ElkEdgeSection;
import org.eclipse.elk.graph.ElkLabel;
import org.eclipse.elk.graph.ElkNode;
import org.eclipse.elk.graph.util.ElkGraphUtil;
import pydron.cli.graph.Picture.Arrow;
import pydron.cli.graph.Picture.Box;
import pydron.cli.graph.Picture.Frame;
import pydron.cli.graph.Picture.Point;

/// Gives everything in a graph its place: in layers from top to bottom (Sugiyama, Tagawa, Toda 1981), as done by the
/// Eclipse Layout Kernel, which also routes edges into and out of clusters.
public final class Layout {
    static final double FONT = 13;
    static final double SMALL_FONT = 11;
    static final double LINE = 17;
    private static final double MARGIN = 16;

    private final Map<String, ElkNode> placed = new LinkedHashMap<>();
    private final Map<String, Integer> order = new HashMap<>();
    private final Map<Graph.Edge, ElkEdge> routed = new LinkedHashMap<>();

    private Layout() {}

    public static Picture of(Graph graph) {
        return new Layout().place(graph);
    }

    private Picture place(Graph graph) {
        LayoutMetaDataService.getInstance().registerLayoutMetaDataProviders(new LayeredMetaDataProvider());
        ElkNode root = ElkGraphUtil.createGraph();
        configure(root);
        graph.clusters().forEach(cluster -> addCluster(graph, cluster, root));
        for (Graph.Node node : graph.nodes()) {
            ElkNode box = ElkGraphUtil.createNode(parent(node.parent(), root));
            box.setDimensions(boxWidth(node), 16 + LINE * node.label().size());
            placed.put(node.id(), box);
            order.put(node.id(), order.size());
        }
        graph.edges().forEach(this::addEdge);
        new RecursiveGraphLayoutEngine().layout(root, new BasicProgressMonitor());
        return picture(graph, root);
    }

    private ElkNode parent(java.util.Optional<String> id, ElkNode root) {
        return id.map(placed::get).orElse(root);
    }

    /// A parent is added before its children, whatever order the graph lists them in.
    private void addCluster(Graph graph, Graph.Cluster cluster, ElkNode root) {
        if (placed.containsKey(cluster.id())) {
            return;
        }
        for (Graph.Cluster outer : graph.clusters()) {
            if (cluster.parent().filter(outer.id()::equals).isPresent()) {
                addCluster(graph, outer, root);
            }
        }
        ElkNode frame = ElkGraphUtil.createNode(parent(cluster.parent(), root));
        configure(frame);
        frame.setProperty(CoreOptions.PADDING, new ElkPadding(SMALL_FONT + 20, 16, 16, 16));
        frame.setProperty(
                CoreOptions.NODE_SIZE_CONSTRAINTS,
                EnumSet.of(org.eclipse.elk.core.options.SizeConstraint.MINIMUM_SIZE));
        frame.setProperty(
                CoreOptions.NODE_SIZE_MINIMUM, new KVector(TextWidth.of(cluster.label(), SMALL_FONT) + 28, 40));
        placed.put(cluster.id(), frame);
    }

    private static void configure(ElkNode node) {
        node.setProperty(CoreOptions.ALGORITHM, LayeredOptions.ALGORITHM_ID);
        node.setProperty(CoreOptions.DIRECTION, Direction.DOWN);
        node.setProperty(CoreOptions.HIERARCHY_HANDLING, HierarchyHandling.INCLUDE_CHILDREN);
        node.setProperty(CoreOptions.EDGE_ROUTING, EdgeRouting.ORTHOGONAL);
        node.setProperty(LayeredOptions.NODE_PLACEMENT_STRATEGY, NodePlacementStrategy.NETWORK_SIMPLEX);
        node.setProperty(CoreOptions.SPACING_NODE_NODE, 28.0);
        node.setProperty(CoreOptions.SPACING_EDGE_NODE, 14.0);
        node.setProperty(CoreOptions.SPACING_EDGE_EDGE, 10.0);
        node.setProperty(LayeredOptions.SPACING_NODE_NODE_BETWEEN_LAYERS, 36.0);
        node.setProperty(LayeredOptions.SPACING_EDGE_NODE_BETWEEN_LAYERS, 16.0);
        node.setProperty(CoreOptions.PADDING, new ElkPadding(MARGIN));
    }

    private static double boxWidth(Graph.Node node) {
        double text = node.label().stream()
                .mapToDouble(line -> TextWidth.of(line, FONT))
                .max()
                .orElse(0);
        return Math.max(56, text + 26);
    }

    /// From later to earlier code, as in a loop. Laid out the other way round, so that code stays in its order.
    private boolean pointsUp(Graph.Edge edge) {
        return order.get(edge.to()) < order.get(edge.from());
    }

    private void addEdge(Graph.Edge edge) {
        String upper = pointsUp(edge) ? edge.to() : edge.from();
        String lower = pointsUp(edge) ? edge.from() : edge.to();
        ElkEdge line = ElkGraphUtil.createSimpleEdge(placed.get(upper), placed.get(lower));
        if (!edge.label().isEmpty()) {
            ElkLabel label = ElkGraphUtil.createLabel(edge.label(), line);
            label.setDimensions(TextWidth.of(edge.label(), SMALL_FONT) + 6, SMALL_FONT + 4);
            label.setProperty(CoreOptions.EDGE_LABELS_PLACEMENT, EdgeLabelPlacement.CENTER);
        }
        routed.put(edge, line);
    }

    private Picture picture(Graph graph, ElkNode root) {
        double top = graph.title().isEmpty() ? 0 : 26;
        List<Box> boxes = new ArrayList<>();
        for (Graph.Node node : graph.nodes()) {
            ElkNode box = placed.get(node.id());
            Point at = absolute(box);
            boxes.add(new Box(at.x(), at.y() + top, box.getWidth(), box.getHeight(), node.label(), node.kind()));
        }
        List<Frame> frames = new ArrayList<>();
        for (Graph.Cluster cluster : graph.clusters()) {
            ElkNode frame = placed.get(cluster.id());
            Point at = absolute(frame);
            frames.add(new Frame(
                    at.x(), at.y() + top, frame.getWidth(), frame.getHeight(), cluster.label(), depth(frame)));
        }
        frames.sort(java.util.Comparator.comparingInt(Frame::depth));
        List<Arrow> arrows = new ArrayList<>();
        routed.forEach((edge, line) -> arrows.add(arrow(edge, line, top)));
        double width = Math.max(root.getWidth(), TextWidth.of(graph.title(), FONT + 2) + 2 * MARGIN);
        return new Picture(graph.title(), width, root.getHeight() + top, boxes, frames, arrows);
    }

    private static int depth(ElkNode node) {
        int depth = 0;
        for (ElkNode at = node.getParent(); at != null; at = at.getParent()) {
            depth++;
        }
        return depth;
    }

    private static Point absolute(ElkNode node) {
        KVector at = ElkUtil.absolutePosition(node);
        return new Point(at.x, at.y);
    }

    /// The layout gives edges in the coordinates of the cluster that contains them.
    private Arrow arrow(Graph.Edge edge, ElkEdge line, double top) {
        KVector origin = ElkUtil.absolutePosition(line.getContainingNode());
        double dx = origin.x;
        double dy = origin.y + top;
        List<Point> path = new ArrayList<>();
        for (ElkEdgeSection section : line.getSections()) {
            path.add(new Point(section.getStartX() + dx, section.getStartY() + dy));
            for (ElkBendPoint bend : section.getBendPoints()) {
                path.add(new Point(bend.getX() + dx, bend.getY() + dy));
            }
            path.add(new Point(section.getEndX() + dx, section.getEndY() + dy));
        }
        if (pointsUp(edge)) {
            Collections.reverse(path);
        }
        Point labelAt = line.getLabels().isEmpty()
                ? new Point(0, 0)
                : new Point(
                        line.getLabels().getFirst().getX() + dx,
                        line.getLabels().getFirst().getY() + dy);
        return new Arrow(path, edge.label(), labelAt, edge.flow());
    }
}
