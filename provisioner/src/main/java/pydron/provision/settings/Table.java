package pydron.provision.settings;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;
import pydron.provision.model.Address;
import pydron.provision.model.Money;

/// One table of the file. What is wrong is noted, and a value that will do is given in its place, so that
/// one reading finds everything.
final class Table {
    private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(s|m|h|d)");
    private static final Pattern MEMORY = Pattern.compile("(\\d+)\\s*(MiB|GiB)");

    private final TomlTable table;
    private final String path;
    private final int line;
    private final List<SettingsProblem> problems;

    Table(TomlTable table, String path, int line, List<SettingsProblem> problems) {
        this.table = table;
        this.path = path;
        this.line = line;
        this.problems = problems;
    }

    void onlyKeys(List<String> known) {
        for (String key : table.keySet()) {
            if (!known.contains(key)) {
                problem(key, "unknown; known are " + String.join(", ", known));
            }
        }
    }

    void problem(String key, String text) {
        TomlPosition position = table.inputPositionOf(List.of(key));
        problems.add(new SettingsProblem(position == null ? line : position.line(), name(key), text));
    }

    private String name(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private <T> T read(String key, T otherwise, String wanted, Function<Object, T> reading) {
        Object value = table.get(List.of(key));
        if (value == null) {
            return otherwise;
        }
        T result = reading.apply(value);
        if (result == null) {
            problem(key, "must be " + wanted + ", is " + shown(value));
            return otherwise;
        }
        return result;
    }

    private static String shown(Object value) {
        return switch (value) {
            case String text -> "\"" + text + "\"";
            case TomlTable _ -> "a table";
            case TomlArray _ -> "a list";
            default -> value.toString();
        };
    }

    /// Notes that a key is missing.
    void required(String... keys) {
        for (String key : keys) {
            if (!table.contains(List.of(key))) {
                problem(key, "missing");
            }
        }
    }

    String text(String key, String otherwise) {
        return read(key, otherwise, "a text", it -> it instanceof String text ? text : null);
    }

    /// None where the key is missing.
    Optional<Address> address(String key) {
        return read(
                key,
                Optional.empty(),
                "an address and a port, like \"desk.example.org:7350\", \"192.0.2.7:7350\" or \"[2001:db8::7]:7350\"",
                it -> it instanceof String text
                        ? Address.of(text).map(Optional::of).orElse(null)
                        : null);
    }

    boolean flag(String key) {
        return read(key, false, "true or false", it -> it instanceof Boolean flag ? flag : null);
    }

    Optional<Boolean> optionalFlag(String key) {
        return table.contains(List.of(key)) ? Optional.of(flag(key)) : Optional.empty();
    }

    /// None where the key is missing.
    List<String> texts(String key) {
        return read(key, List.of(), "a list of texts, like [\"one\", \"other\"]", it -> {
            if (!(it instanceof TomlArray array)) {
                return null;
            }
            List<String> result = new ArrayList<>();
            for (Object one : array.toList()) {
                if (!(one instanceof String text) || text.isEmpty()) {
                    return null;
                }
                result.add(text);
            }
            return result;
        });
    }

    int count(String key, int least, int otherwise) {
        return read(
                key,
                otherwise,
                "a whole number of at least " + least,
                it -> it instanceof Long number && number >= least && number <= Integer.MAX_VALUE
                        ? (Integer) number.intValue()
                        : null);
    }

    Money money(String key, Money otherwise) {
        return read(key, otherwise, "an amount of money from 0 to 1000000000", it -> switch (it) {
            case Long number when number >= 0 && number <= 1_000_000_000 -> Money.of(BigDecimal.valueOf(number));
            case Double number when number >= 0 && number <= 1e9 -> Money.of(BigDecimal.valueOf(number));
            default -> null;
        });
    }

    Duration duration(String key, Duration otherwise) {
        return read(key, otherwise, "a time like \"90s\", \"5m\", \"12h\" or \"2d\"", it -> {
            Matcher matcher = DURATION.matcher(it instanceof String text ? text : "");
            if (!matcher.matches() || matcher.group(1).length() > 6) {
                return null;
            }
            long number = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofDays(number);
            };
        });
    }

    /// In bytes.
    long memory(String key, long otherwise) {
        return read(key, otherwise, "an amount of memory like \"512MiB\" or \"16GiB\"", it -> {
            Matcher matcher = MEMORY.matcher(it instanceof String text ? text : "");
            if (!matcher.matches() || matcher.group(1).length() > 7) {
                return null;
            }
            return Long.parseLong(matcher.group(1)) << (matcher.group(2).equals("MiB") ? 20 : 30);
        });
    }
}
