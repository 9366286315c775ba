package pydron.cli.graph;

import java.util.List;
import java.util.Locale;

/// A picture as SVG 1.1: plain shapes that every browser and drawing program shows.
public final class SvgWriter {
    private final StringBuilder out = new StringBuilder();

    private SvgWriter() {}

    public static String write(Picture picture) {
        return new SvgWriter().document(picture);
    }

    private String document(Picture picture) {
        line("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        line(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%s\" height=\"%s\" viewBox=\"0 0 %s %s\" font-family=\"DejaVu Sans, Verdana, Helvetica, Arial, sans-serif\">",
                n(picture.width()), n(picture.height()), n(picture.width()), n(picture.height()));
        line("<defs>");
        marker("value", Style.VALUE_LINE);
        marker("order", Style.ORDER_LINE);
        line("</defs>");
        line("<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>");
        if (!picture.title().isEmpty()) {
            text(16, 24, "start", Layout.FONT + 2, "bold", picture.title());
        }
        picture.frames().forEach(this::frame);
        picture.arrows().forEach(this::arrow);
        picture.frames().forEach(this::title);
        picture.boxes().forEach(this::box);
        line("</svg>");
        return out.toString();
    }

    private void marker(String id, String colour) {
        line(
                "<marker id=\"%s\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\" markerUnits=\"userSpaceOnUse\"><path d=\"M0 1L10 5L0 9z\" fill=\"%s\"/></marker>",
                id, colour);
    }

    private void frame(Picture.Frame frame) {
        line(
                "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"8\" fill=\"%s\" stroke=\"%s\"/>",
                n(frame.x()),
                n(frame.y()),
                n(frame.width()),
                n(frame.height()),
                Style.frameFill(frame.depth()),
                Style.FRAME_LINE);
    }

    /// Over the arrows, which may pass below it: its letters have an edge in the colour of the frame.
    private void title(Picture.Frame frame) {
        line("<g paint-order=\"stroke\" stroke=\"%s\" stroke-width=\"5\">", Style.frameFill(frame.depth()));
        text(frame.x() + 12, frame.y() + 19, "start", Layout.SMALL_FONT, "bold", frame.label());
        line("</g>");
    }

    private void box(Picture.Box box) {
        Style style = Style.of(box.kind());
        double radius = switch (box.kind()) {
            case TASK, LOCAL, EFFECT -> 5;
            case CONTROL -> 0;
            case TERMINAL -> box.height() / 2;
        };
        if (box.kind() == Graph.Kind.CONTROL) {
            line(
                    "<polygon points=\"%s\" fill=\"%s\" stroke=\"%s\" stroke-width=\"1.3\"/>",
                    points(Shapes.hexagon(box)), style.fill, style.line);
        } else {
            line(
                    "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"%s\" fill=\"%s\" stroke=\"%s\" stroke-width=\"1.3\"/>",
                    n(box.x()), n(box.y()), n(box.width()), n(box.height()), n(radius), style.fill, style.line);
        }
        double y = box.y() + (box.height() - Layout.LINE * box.label().size()) / 2 + Layout.FONT;
        for (String label : box.label()) {
            text(box.x() + box.width() / 2, y, "middle", Layout.FONT, "normal", label);
            y += Layout.LINE;
        }
    }

    private void arrow(Picture.Arrow arrow) {
        boolean isValue = arrow.flow() == Graph.Flow.VALUE;
        line(
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.3\"%s marker-end=\"url(#%s)\"/>",
                points(arrow.path()),
                isValue ? Style.VALUE_LINE : Style.ORDER_LINE,
                isValue ? "" : " stroke-dasharray=\"5 4\"",
                isValue ? "value" : "order");
        if (!arrow.label().isEmpty()) {
            text(
                    arrow.labelAt().x() + 3,
                    arrow.labelAt().y() + Layout.SMALL_FONT,
                    "start",
                    Layout.SMALL_FONT,
                    "normal",
                    arrow.label());
        }
    }

    private void text(double x, double y, String anchor, double size, String weight, String text) {
        line(
                "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\" font-size=\"%s\" font-weight=\"%s\" fill=\"%s\" xml:space=\"preserve\">%s</text>",
                n(x), n(y), anchor, n(size), weight, Style.TEXT, escape(text));
    }

    private static String points(List<Picture.Point> path) {
        StringBuilder points = new StringBuilder();
        for (Picture.Point point : path) {
            points.append(points.isEmpty() ? "" : " ")
                    .append(n(point.x()))
                    .append(',')
                    .append(n(point.y()));
        }
        return points.toString();
    }

    private static String n(double number) {
        String text = String.format(Locale.ROOT, "%.1f", number);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    /// Also leaves out what XML does not allow at all.
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                default ->
                    escaped.appendCodePoint(
                            c < 0x20 || (c >= 0xd800 && c < 0xe000) || c == 0xfffe || c == 0xffff ? '?' : c);
            }
        });
        return escaped.toString();
    }

    private void line(String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
