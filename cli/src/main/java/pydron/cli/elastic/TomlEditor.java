package pydron.cli.elastic;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Changes single values of a TOML file and leaves everything else as it is, comments and order included. It knows
/// tables and keys on lines of their own, which is what people write; the caller reads the result before it is kept, so
/// what this does not understand is refused and never written.
final class TomlEditor {
    private static final Pattern HEAD = Pattern.compile("\\s*\\[\\[?([^\\]]*)\\]\\]?\\s*(#.*)?");

    private final List<String> lines;

    TomlEditor(String text) {
        lines = new ArrayList<>(text.isEmpty() ? List.of() : List.of(text.split("\n", -1)));
        if (!lines.isEmpty() && lines.getLast().isEmpty()) {
            lines.removeLast();
        }
    }

    /// @param value as TOML writes it
    void set(String table, String key, String value) {
        int head = head(table);
        if (head < 0) {
            if (!lines.isEmpty()) {
                lines.add("");
            }
            lines.add("[" + table + "]");
            lines.add(key + " = " + value);
            return;
        }
        Pattern assignment = Pattern.compile("(\\s*\"?" + Pattern.quote(key)
                + "\"?\\s*=\\s*)(\"(?:[^\"\\\\]|\\\\.)*\"|'[^']*'|[^#]*?)(\\s*(?:#.*)?)");
        int last = head;
        for (int i = head + 1; i < lines.size() && !HEAD.matcher(lines.get(i)).matches(); i++) {
            Matcher matcher = assignment.matcher(lines.get(i));
            if (matcher.matches()) {
                lines.set(i, matcher.group(1) + value + matcher.group(3));
                return;
            }
            if (!lines.get(i).isBlank()) {
                last = i;
            }
        }
        lines.add(last + 1, key + " = " + value);
    }

    private int head(String table) {
        for (int i = 0; i < lines.size(); i++) {
            Matcher matcher = HEAD.matcher(lines.get(i));
            if (matcher.matches()
                    && !lines.get(i).strip().startsWith("[[")
                    && matcher.group(1).strip().equals(table)) {
                return i;
            }
        }
        return -1;
    }

    /// Adds a block of lines at the end.
    void append(String block) {
        if (!lines.isEmpty() && !lines.getLast().isBlank()) {
            lines.add("");
        }
        lines.addAll(List.of(block.stripTrailing().split("\n", -1)));
    }

    String text() {
        return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
    }

    /// A text as TOML writes it.
    static String quoted(String text) {
        StringBuilder result = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            switch (c) {
                case '"' -> result.append("\\\"");
                case '\\' -> result.append("\\\\");
                default -> {
                    if (c < ' ' || c == 127) {
                        result.append(String.format("\\u%04x", (int) c));
                    } else {
                        result.append(c);
                    }
                }
            }
        }
        return result.append('"').toString();
    }

    static String list(List<String> texts) {
        return "[" + String.join(", ", texts.stream().map(TomlEditor::quoted).toList()) + "]";
    }
}
