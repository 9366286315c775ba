package pydron.analysis.ast;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A node of Python's `ast` as it came over the wire: its class name and fields, not yet understood.
///
/// @param id the driver's number for the node, -1 for those it does not number
public record Raw(String type, int id, int line, Map<String, Object> fields) {
    public Raw {
        fields = Map.copyOf(fields);
    }

    /// The node in a field, if there is one.
    public Optional<Raw> node(String field) {
        return fields.get(field) instanceof Raw raw ? Optional.of(raw) : Optional.empty();
    }

    /// The node in a field that always has one.
    public Raw need(String field) {
        return node(field)
                .orElseThrow(() -> new IllegalArgumentException(type + " at line " + line + " has no " + field));
    }

    /// The nodes in a list field; an absent list is empty, an absent element is left out.
    public List<Raw> nodes(String field) {
        var found = new ArrayList<Raw>();
        if (fields.get(field) instanceof List<?> list) {
            for (Object item : list) {
                if (item instanceof Raw raw) {
                    found.add(raw);
                }
            }
        }
        return found;
    }

    /// The raw list of a field, `null` elements as empty optionals (dict displays have such keys).
    public List<Optional<Raw>> optionals(String field) {
        var found = new ArrayList<Optional<Raw>>();
        if (fields.get(field) instanceof List<?> list) {
            for (Object item : list) {
                found.add(item instanceof Raw raw ? Optional.of(raw) : Optional.empty());
            }
        }
        return found;
    }

    public Optional<String> text(String field) {
        return fields.get(field) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    public List<String> texts(String field) {
        var found = new ArrayList<String>();
        if (fields.get(field) instanceof List<?> list) {
            for (Object item : list) {
                if (item instanceof String text) {
                    found.add(text);
                }
            }
        }
        return found;
    }
}
