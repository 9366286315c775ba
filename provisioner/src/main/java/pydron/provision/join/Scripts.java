package pydron.provision.join;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// The shell scripts that run on instances. What is put into them is quoted, whatever it is.
final class Scripts {
    private Scripts() {}

    /// As one word of a shell's command line.
    static String quote(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a shell knows no text with a zero byte");
        }
        return "'" + text.replace("'", "'\\''") + "'";
    }

    static String text(String name) {
        try (InputStream in = Scripts.class.getResourceAsStream("/pydron/provision/join/" + name)) {
            if (in == null) {
                throw new IllegalStateException("the script '" + name + "' is not in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A script with variables set before it.
    static String with(Map<String, String> variables, String name) {
        StringBuilder result = new StringBuilder();
        variables.forEach((variable, value) ->
                result.append(variable).append('=').append(quote(value)).append('\n'));
        return result + text(name);
    }

    /// A template with its places filled, each `@NAME@`.
    static String filled(String name, Map<String, String> values) {
        String result = text(name);
        for (Map.Entry<String, String> value : values.entrySet()) {
            String place = "@" + value.getKey() + "@";
            int at = result.indexOf(place);
            if (at < 0) {
                throw new IllegalStateException("the script '" + name + "' has no place " + place);
            }
            result = result.substring(0, at) + quote(value.getValue()) + result.substring(at + place.length());
        }
        return result;
    }
}
