package pydron.cli.graph;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import javax.imageio.ImageIO;

/// A picture as PNG, two pixels for each point. Needs a font on the machine, which a bare container may lack: then
/// Java throws `Error`s and `RuntimeException`s of many kinds, and the command says so.
public final class PngWriter {
    private static final double SCALE = 2;
    private static final double LARGEST_SIDE = 20_000;
    private final Graphics2D to;

    private PngWriter(Graphics2D to) {
        this.to = to;
    }

    public static byte[] write(Picture picture) {
        double scale = Math.min(SCALE, LARGEST_SIDE / Math.max(picture.width(), picture.height()));
        BufferedImage image = new BufferedImage(
                (int) Math.ceil(picture.width() * scale),
                (int) Math.ceil(picture.height() * scale),
                BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        graphics.setRenderingHint(RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
        graphics.scale(scale, scale);
        new PngWriter(graphics).draw(picture);
        graphics.dispose();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.setUseCache(false);
            ImageIO.write(image, "png", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private void draw(Picture picture) {
        text(picture.title(), 16, 24, Layout.FONT + 2, Font.BOLD);
        picture.frames().forEach(this::frame);
        picture.arrows().forEach(this::arrow);
        picture.frames().forEach(this::title);
        picture.boxes().forEach(this::box);
    }

    private void frame(Picture.Frame frame) {
        Shape outline = new RoundRectangle2D.Double(frame.x(), frame.y(), frame.width(), frame.height(), 16, 16);
        shape(outline, Style.frameFill(frame.depth()), Style.FRAME_LINE, 1);
    }

    /// Over the arrows, which may pass below it.
    private void title(Picture.Frame frame) {
        font(Layout.SMALL_FONT, Font.BOLD);
        double width = to.getFontMetrics().getStringBounds(frame.label(), to).getWidth();
        to.setColor(Color.decode(Style.frameFill(frame.depth())));
        to.fill(new Rectangle2D.Double(frame.x() + 9, frame.y() + 6, width + 6, Layout.SMALL_FONT + 6));
        text(frame.label(), frame.x() + 12, frame.y() + 19, Layout.SMALL_FONT, Font.BOLD);
    }

    private void box(Picture.Box box) {
        Style style = Style.of(box.kind());
        Shape outline = switch (box.kind()) {
            case CONTROL -> polygon(Shapes.hexagon(box), true);
            case TERMINAL ->
                new RoundRectangle2D.Double(box.x(), box.y(), box.width(), box.height(), box.height(), box.height());
            case TASK, LOCAL, EFFECT ->
                new RoundRectangle2D.Double(box.x(), box.y(), box.width(), box.height(), 10, 10);
        };
        shape(outline, style.fill, style.line, 1.3f);
        double y = box.y() + (box.height() - Layout.LINE * box.label().size()) / 2 + Layout.FONT;
        for (String label : box.label()) {
            font(Layout.FONT, Font.PLAIN);
            double width = to.getFontMetrics().getStringBounds(label, to).getWidth();
            text(label, box.x() + (box.width() - width) / 2, y, Layout.FONT, Font.PLAIN);
            y += Layout.LINE;
        }
    }

    private void arrow(Picture.Arrow arrow) {
        boolean isValue = arrow.flow() == Graph.Flow.VALUE;
        to.setColor(Color.decode(isValue ? Style.VALUE_LINE : Style.ORDER_LINE));
        to.setStroke(
                isValue
                        ? new BasicStroke(1.3f)
                        : new BasicStroke(
                                1.3f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, new float[] {5, 4}, 0));
        to.draw(polygon(arrow.path(), false));
        head(arrow.path());
        if (!arrow.label().isEmpty()) {
            text(
                    arrow.label(),
                    arrow.labelAt().x() + 3,
                    arrow.labelAt().y() + Layout.SMALL_FONT,
                    Layout.SMALL_FONT,
                    Font.PLAIN);
        }
    }

    private void head(List<Picture.Point> path) {
        if (path.size() < 2) {
            return;
        }
        Picture.Point end = path.getLast();
        Picture.Point before = path.get(path.size() - 2);
        double angle = Math.atan2(end.y() - before.y(), end.x() - before.x());
        Path2D head = new Path2D.Double();
        head.moveTo(end.x(), end.y());
        for (double side : new double[] {-1, 1}) {
            head.lineTo(
                    end.x() - 8 * Math.cos(angle) + side * 3.2 * Math.sin(angle),
                    end.y() - 8 * Math.sin(angle) - side * 3.2 * Math.cos(angle));
        }
        head.closePath();
        to.fill(head);
    }

    private static Path2D polygon(List<Picture.Point> points, boolean closed) {
        Path2D path = new Path2D.Double();
        for (Picture.Point point : points) {
            if (path.getCurrentPoint() == null) {
                path.moveTo(point.x(), point.y());
            } else {
                path.lineTo(point.x(), point.y());
            }
        }
        if (closed) {
            path.closePath();
        }
        return path;
    }

    private void shape(Shape outline, String fill, String line, float width) {
        to.setColor(Color.decode(fill));
        to.fill(outline);
        to.setColor(Color.decode(line));
        to.setStroke(new BasicStroke(width));
        to.draw(outline);
    }

    private void font(double size, int weight) {
        to.setFont(new Font(Font.SANS_SERIF, weight, 1).deriveFont((float) size));
    }

    private void text(String text, double x, double y, double size, int weight) {
        if (text.isEmpty()) {
            return;
        }
        font(size, weight);
        to.setColor(Color.decode(Style.TEXT));
        to.drawString(text, (float) x, (float) y);
    }
}
