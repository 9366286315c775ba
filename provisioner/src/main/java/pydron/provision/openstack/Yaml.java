package pydron.provision.openstack;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// Reads a YAML file into texts, lists and maps that know their lines. Scalars stay as they are written, so
/// that a password `0123` is not a number. Nothing is made of tags, and an alias is the same object as its
/// anchor, so that a small file stays small.
final class Yaml {
    private static final int LARGEST = 1 << 20;
    private static final int DEEPEST = 40;
    private static final Set<String> PLAIN_TAGS =
            Set.of("str", "int", "float", "bool", "null", "map", "seq", "merge", "timestamp", "binary");

    sealed interface Value {
        int line();
    }

    record Text(String text, int line) implements Value {
        Text {
            Objects.requireNonNull(text);
        }

        /// It may be a password.
        @Override
        public String toString() {
            return "text in line " + line;
        }
    }

    record Nothing(int line) implements Value {}

    record Items(List<Value> values, int line) implements Value {
        Items {
            values = List.copyOf(values);
        }

        @Override
        public String toString() {
            return "list in line " + line;
        }
    }

    /// @param values in the order of the file
    record Entries(Map<String, Value> values, int line) implements Value {
        @Override
        public String toString() {
            return "map in line " + line;
        }
    }

    private final Path file;
    private final Map<Node, Value> done = new IdentityHashMap<>();
    private final Map<Node, Boolean> begun = new IdentityHashMap<>();

    private Yaml(Path file) {
        this.file = file;
    }

    /// @throws BadAccess when it cannot be read, is no YAML, or something in it may do harm
    static Optional<Value> read(Path file) {
        String text = text(file);
        LoadSettings settings = LoadSettings.builder()
                .setLabel(file.toString())
                .setCodePointLimit(LARGEST)
                .setMaxAliasesForCollections(100)
                .setAllowRecursiveKeys(false)
                .build();
        try {
            limitDepth(settings, text, file);
            return new Compose(settings).composeString(text).map(new Yaml(file)::value);
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(Mark::getLine).orElse(0) + 1;
            throw BadAccess.of(file + ":" + line, "is no YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw BadAccess.of(file.toString(), "is no YAML: " + firstLine(e.getMessage()));
        }
    }

    private static String text(Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                throw BadAccess.of(file.toString(), "is larger than 1 MiB");
            }
            byte[] bytes = Files.readAllBytes(file);
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw BadAccess.of(file.toString(), "is not UTF-8 text");
        } catch (IOException e) {
            throw BadAccess.of(file.toString(), "cannot be read: " + reason(e));
        }
    }

    static String reason(IOException e) {
        return switch (e) {
            case java.nio.file.AccessDeniedException _ -> "no permission";
            case java.nio.file.NoSuchFileException _ -> "there is no such file";
            default -> String.valueOf(e.getMessage());
        };
    }

    private static String firstLine(String message) {
        return message == null ? "no reason given" : message.lines().findFirst().orElse("no reason given");
    }

    /// Composing is recursive; this is not.
    private static void limitDepth(LoadSettings settings, String text, Path file) {
        int depth = 0;
        for (Event event : new Parse(settings).parseString(text)) {
            if (event instanceof CollectionStartEvent && ++depth > DEEPEST) {
                int line = event.getStartMark().map(Mark::getLine).orElse(0) + 1;
                throw BadAccess.of(file + ":" + line, "is nested deeper than " + DEEPEST);
            } else if (event instanceof CollectionEndEvent) {
                depth--;
            }
        }
    }

    private Value value(Node node) {
        Value known = done.get(node);
        if (known != null) {
            return known;
        }
        int line = line(node);
        if (begun.put(node, true) != null) {
            throw BadAccess.of(file + ":" + line, "contains itself");
        }
        String tag = node.getTag().getValue();
        if (!tag.startsWith("tag:yaml.org,2002:") || !PLAIN_TAGS.contains(tag.substring(tag.lastIndexOf(':') + 1))) {
            throw BadAccess.of(file + ":" + line, "has a tag '" + tag + "', which is not allowed here");
        }
        Value value = switch (node) {
            case ScalarNode scalar -> scalar(scalar, line);
            case SequenceNode items ->
                new Items(items.getValue().stream().map(this::value).toList(), line);
            case MappingNode map -> entries(map, line);
            default -> throw new IllegalStateException("unexpected node " + node.getClass());
        };
        done.put(node, value);
        return value;
    }

    private static Value scalar(ScalarNode node, int line) {
        boolean nothing = node.getScalarStyle() == ScalarStyle.PLAIN
                && Set.of("", "~", "null", "Null", "NULL").contains(node.getValue());
        return nothing ? new Nothing(line) : new Text(node.getValue(), line);
    }

    private Entries entries(MappingNode node, int line) {
        Map<String, Value> merged = new LinkedHashMap<>();
        Map<String, Value> own = new LinkedHashMap<>();
        for (NodeTuple tuple : node.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                throw BadAccess.of(file + ":" + line(tuple.getKeyNode()), "a key must be a text");
            }
            Value value = value(tuple.getValueNode());
            if (key.getValue().equals("<<") && key.getScalarStyle() == ScalarStyle.PLAIN) {
                for (Entries each : sources(value)) {
                    each.values().forEach(merged::putIfAbsent);
                }
            } else if (own.put(key.getValue(), value) != null) {
                throw BadAccess.of(file + ":" + line(key), "key '" + key.getValue() + "' is there twice");
            }
        }
        merged.putAll(own);
        return new Entries(merged, line);
    }

    private List<Entries> sources(Value value) {
        List<Value> values = value instanceof Items items ? items.values() : List.of(value);
        List<Entries> result = new ArrayList<>();
        for (Value each : values) {
            if (!(each instanceof Entries entries)) {
                throw BadAccess.of(file + ":" + each.line(), "'<<' needs maps");
            }
            result.add(entries);
        }
        return result;
    }

    private static int line(Node node) {
        return node.getStartMark().map(Mark::getLine).orElse(0) + 1;
    }
}
