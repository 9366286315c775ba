package pydron.provision.ec2;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// The parameters of a call of the Query protocol.
final class Params {
    private static final Pattern NUMBER = Pattern.compile("\\.[0-9]+");

    private final Map<String, String> values;

    private Params(Map<String, String> values) {
        this.values = values;
    }

    static Params of(String body) {
        Map<String, String> values = new TreeMap<>();
        for (String pair : body.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                String name = decode(pair.substring(0, equals));
                if (values.put(name, decode(pair.substring(equals + 1))) != null) {
                    throw ApiError.bad("InvalidParameterCombination", "The parameter " + name + " was given twice");
                }
            }
        }
        return new Params(values);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /// Refuses what the real one would not know.
    ///
    /// @param known names, with `.N` for numbers
    void onlyKnows(Set<String> known) {
        for (String name : values.keySet()) {
            boolean always = name.equals("Action") || name.equals("Version") || name.equals("DryRun");
            if (!always && !known.contains(NUMBER.matcher(name).replaceAll(".N"))) {
                throw ApiError.bad("UnknownParameter", "The parameter " + name + " is not recognized");
            }
        }
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    String get(String name) {
        return values.getOrDefault(name, "");
    }

    String required(String name) {
        if (get(name).isEmpty()) {
            throw ApiError.bad("MissingParameter", "The request must contain the parameter " + name);
        }
        return get(name);
    }

    boolean flag(String name) {
        return get(name).equals("true");
    }

    int number(String name, int otherwise) {
        try {
            return has(name) ? Integer.parseInt(get(name)) : otherwise;
        } catch (NumberFormatException e) {
            throw ApiError.bad("InvalidParameterValue", "Invalid value '" + get(name) + "' for " + name);
        }
    }

    /// `Name.1`, `Name.2`, …
    List<String> list(String name) {
        List<String> result = new ArrayList<>();
        for (int i = 1; has(name + "." + i); i++) {
            result.add(get(name + "." + i));
        }
        return result;
    }

    Map<String, List<String>> filters() {
        Map<String, List<String>> filters = new LinkedHashMap<>();
        for (int i = 1; has("Filter." + i + ".Name"); i++) {
            filters.put(get("Filter." + i + ".Name"), list("Filter." + i + ".Value"));
        }
        return filters;
    }

    /// Of `TagSpecification.N` for a kind of resource.
    Map<String, String> tags(String kind) {
        Map<String, String> tags = new LinkedHashMap<>();
        for (int i = 1; has("TagSpecification." + i + ".ResourceType"); i++) {
            if (get("TagSpecification." + i + ".ResourceType").equals(kind)) {
                tags.putAll(tags("TagSpecification." + i + ".Tag", tags.size()));
            }
        }
        return tags;
    }

    Map<String, String> tags(String prefix, int before) {
        Map<String, String> tags = new LinkedHashMap<>();
        for (int n = 1; has(prefix + "." + n + ".Key"); n++) {
            String key = get(prefix + "." + n + ".Key");
            String value = get(prefix + "." + n + ".Value");
            if (key.startsWith("aws:") || key.length() > 127 || value.length() > 255 || before + n > 50) {
                throw ApiError.bad("InvalidParameterValue", "Tag '" + key + "' is reserved, too long or too many");
            }
            tags.put(key, value);
        }
        return tags;
    }

    /// All but `DryRun`: what has to be the same when a token is used again.
    String canonical() {
        Map<String, String> rest = new TreeMap<>(values);
        rest.remove("DryRun");
        return rest.toString();
    }
}
