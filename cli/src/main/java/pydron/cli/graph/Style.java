package pydron.cli.graph;

/// Colours, once for all formats. They differ in lightness as well as in hue, and are told apart by those who see
/// fewer hues.
enum Style {
    TASK("#cfe8d5", "#2c6e49"),
    LOCAL("#f4f4f2", "#6b6b6b"),
    CONTROL("#fde9c4", "#a56a00"),
    EFFECT("#f9d4d2", "#a23b36"),
    TERMINAL("#dde5f4", "#3b5b92");

    static final String TEXT = "#222222";
    static final String VALUE_LINE = "#444444";
    static final String ORDER_LINE = "#9a9a9a";
    static final String FRAME_LINE = "#b9b9b9";
    static final String[] FRAME_FILL = {"#ffffff", "#fafafa", "#f3f5f7", "#eaeef2", "#e1e7ed"};

    final String fill;
    final String line;

    Style(String fill, String line) {
        this.fill = fill;
        this.line = line;
    }

    static Style of(Graph.Kind kind) {
        return switch (kind) {
            case TASK -> TASK;
            case LOCAL -> LOCAL;
            case CONTROL -> CONTROL;
            case EFFECT -> EFFECT;
            case TERMINAL -> TERMINAL;
        };
    }

    static String frameFill(int depth) {
        return FRAME_FILL[Math.min(depth, FRAME_FILL.length - 1)];
    }
}
