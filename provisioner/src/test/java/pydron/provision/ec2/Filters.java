package pydron.provision.ec2;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;

/// Filters of lists, with their wild cards `*` and `?`.
final class Filters {
    private final Map<String, List<String>> filters;

    Filters(Params params) {
        this.filters = params.filters();
        filters.forEach((name, values) -> {
            if (values.isEmpty()) {
                throw ApiError.bad("InvalidParameterValue", "The filter '" + name + "' has no value");
            }
        });
    }

    /// @param values what a thing has for a filter; null when there is no such filter
    boolean matches(Map<String, String> tags, Function<String, List<String>> values) {
        for (Map.Entry<String, List<String>> filter : filters.entrySet()) {
            List<String> has;
            if (filter.getKey().startsWith("tag:")) {
                String value = tags.get(filter.getKey().substring(4));
                has = value == null ? List.of() : List.of(value);
            } else if (filter.getKey().equals("tag-key")) {
                has = List.copyOf(tags.keySet());
            } else {
                has = values.apply(filter.getKey());
            }
            if (has == null) {
                throw ApiError.bad("InvalidParameterValue", "The filter '" + filter.getKey() + "' is invalid");
            }
            if (filter.getValue().stream().noneMatch(wanted -> has.stream().anyMatch(like(wanted)::test))) {
                return false;
            }
        }
        return true;
    }

    private static java.util.function.Predicate<String> like(String wanted) {
        StringBuilder pattern = new StringBuilder();
        for (int i = 0; i < wanted.length(); i++) {
            char c = wanted.charAt(i);
            if (c == '\\' && i + 1 < wanted.length()) {
                i++;
                pattern.append(Pattern.quote(wanted.substring(i, i + 1)));
            } else if (c == '*') {
                pattern.append(".*");
            } else if (c == '?') {
                pattern.append('.');
            } else {
                pattern.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.compile(pattern.toString(), Pattern.DOTALL).asMatchPredicate();
    }
}
