package pydron.cli.graph;

import java.util.List;

/// A graph with a place for everything, in points, y downwards. Writers draw it and decide nothing but colours.
public record Picture(
        String title, double width, double height, List<Box> boxes, List<Frame> frames, List<Arrow> arrows) {
    public record Point(double x, double y) {}

    public record Box(double x, double y, double width, double height, List<String> label, Graph.Kind kind) {}

    /// A cluster; outer ones come first.
    public record Frame(double x, double y, double width, double height, String label, int depth) {}

    /// @param path      corner points, from tail to head
    /// @param labelAt   top left of the label
    public record Arrow(List<Point> path, String label, Point labelAt, Graph.Flow flow) {}
}
