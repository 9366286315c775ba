package pydron.cli.explain;

/// Text that cannot become markup: whatever is in a source shows as it is there.
final class Html {
    private Html() {}

    static String text(String raw) {
        var out = new StringBuilder(raw.length() + 16);
        raw.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                case '\t' -> out.append("    ");
                default -> {
                    boolean control = c < 0x20 || c >= 0x7f && c < 0xa0 || c >= 0xd800 && c < 0xe000;
                    // Form feeds and the like are allowed in Python, but not here.
                    out.appendCodePoint(control || c == 0xfffe || c == 0xffff ? 0xfffd : c);
                }
            }
        });
        return out.toString();
    }
}
