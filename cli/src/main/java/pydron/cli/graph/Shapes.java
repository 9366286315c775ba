package pydron.cli.graph;

import java.util.List;

/// Outlines that both kinds of picture draw.
final class Shapes {
    private static final double POINT = 9;

    private Shapes() {}

    /// For decisions: a box with pointed sides, which holds as much text as a box does.
    static List<Picture.Point> hexagon(Picture.Box box) {
        double left = box.x();
        double right = box.x() + box.width();
        double middle = box.y() + box.height() / 2;
        double bottom = box.y() + box.height();
        return List.of(
                new Picture.Point(left + POINT, box.y()),
                new Picture.Point(right - POINT, box.y()),
                new Picture.Point(right, middle),
                new Picture.Point(right - POINT, bottom),
                new Picture.Point(left + POINT, bottom),
                new Picture.Point(left, middle));
    }
}
