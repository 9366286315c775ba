package pydron.cli.graph;

/// How wide a text is in a common sans serif face (DejaVu Sans, Verdana; Helvetica and Arial are narrower). A table
/// instead of a font: the layout must not need fonts on the machine, and must not differ between machines.
final class TextWidth {
    private static final String NARROW = "iIjlJ.,:;'|!()[]{}` ";
    private static final String HALF = "frt-/\\\"*";
    private static final String WIDE = "mwMWO@%QGD#&+=<>~";

    private TextWidth() {}

    static double of(String text, double size) {
        double ems = 0;
        for (int i = 0; i < text.length(); i++) {
            ems += ofCharacter(text.charAt(i));
        }
        return ems * size;
    }

    private static double ofCharacter(char c) {
        if (NARROW.indexOf(c) >= 0) {
            return 0.36;
        }
        if (HALF.indexOf(c) >= 0) {
            return 0.42;
        }
        if (WIDE.indexOf(c) >= 0) {
            return 0.9;
        }
        if (c > 0x2e80) {
            return 1;
        }
        return Character.isUpperCase(c) ? 0.71 : 0.625;
    }
}
