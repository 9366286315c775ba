package pydron.analysis.ast;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the driver asks to have analysed: one pipeline and those it can reach (docs/template.md).
///
/// @param catalogues what the user's project says about libraries
public record Unit(List<Function> functions, List<Extra> catalogues) {
    public Unit {
        functions = List.copyOf(functions);
        catalogues = List.copyOf(catalogues);
    }

    /// A catalogue file of the user's (docs/catalogue.md).
    public record Extra(String file, String text) {}

    /// One pipeline: its source and what the names in it are bound to at the moment.
    ///
    /// @param free variables of enclosing functions
    /// @param bindings dotted name to what it is bound to
    public record Function(
            String name, String file, List<String> free, Map<String, Binding> bindings, Stmt.FunctionDef definition) {
        public Function {
            free = List.copyOf(free);
            bindings = Map.copyOf(bindings);
        }
    }

    /// What a dotted name is bound to.
    public sealed interface Binding {
        record Functional() implements Binding {}

        /// @param index in the unit, -1 for a pipeline that is not in it (its source cannot be had)
        record Pipeline(int index) implements Binding {}

        /// A callable of a library, by canonical name ("math.sqrt").
        record Library(String canonical) implements Binding {}

        record Module() implements Binding {}

        /// A number, string or other immutable.
        record Immutable() implements Binding {}

        /// A class whose objects hold what they are given, and do nothing else.
        ///
        /// @param attributes names in the order of the arguments, each with its default
        ///     (docs/template.md); empty if that is not known
        record Record(List<String> attributes) implements Binding {
            public Record {
                attributes = List.copyOf(attributes);
            }
        }

        /// A function of the user's without decorators, at this index of the unit.
        record Plain(int index) implements Binding {}
    }

    /// @throws IllegalArgumentException when the bytes are not a unit
    public static Unit read(byte[] bytes) {
        try {
            return new Decoder(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN)).unit();
        } catch (BufferUnderflowException | ClassCastException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("not a unit: " + e, e);
        }
    }

    private static final class Decoder {
        private final ByteBuffer in;
        private String[] strings = {};

        Decoder(ByteBuffer in) {
            this.in = in;
        }

        Unit unit() {
            strings = new String[count()];
            for (int i = 0; i < strings.length; i++) {
                byte[] data = new byte[count()];
                in.get(data);
                strings[i] = new String(data, StandardCharsets.UTF_8);
            }
            var functions = new ArrayList<Function>();
            int n = count();
            for (int i = 0; i < n; i++) {
                functions.add(function());
            }
            var catalogues = new ArrayList<Extra>();
            for (int left = count(); left > 0; left--) {
                catalogues.add(new Extra(string(), string()));
            }
            return new Unit(functions, catalogues);
        }

        private int count() {
            int n = in.getInt();
            if (n < 0 || n > in.remaining()) {
                throw new IllegalArgumentException("not a unit: count " + n);
            }
            return n;
        }

        private String string() {
            return strings[in.getInt()];
        }

        private Function function() {
            String name = string();
            String file = string();
            var free = new ArrayList<String>();
            for (int n = count(); n > 0; n--) {
                free.add(string());
            }
            var bindings = new LinkedHashMap<String, Binding>();
            for (int n = count(); n > 0; n--) {
                String dotted = string();
                byte kind = in.get();
                String detail = string();
                bindings.put(
                        dotted,
                        switch (kind) {
                            case 1 -> new Binding.Functional();
                            case 2 -> new Binding.Pipeline(Integer.parseInt(detail));
                            case 3 -> new Binding.Library(detail);
                            case 4 -> new Binding.Module();
                            case 5 -> new Binding.Immutable();
                            case 6 -> new Binding.Record(detail.isEmpty() ? List.of() : List.of(detail.split(",")));
                            case 7 -> new Binding.Plain(Integer.parseInt(detail));
                            default -> throw new IllegalArgumentException("not a unit: binding " + kind);
                        });
            }
            return new Function(name, file, free, bindings, AstReader.function((Raw) value()));
        }

        /// Absent values are left out of lists only where nothing else is meant by them; `null` stands for them
        /// otherwise.
        private Object value() {
            byte tag = in.get();
            return switch (tag) {
                case 0 -> null;
                case 1 -> node();
                case 2 -> {
                    var list = new ArrayList<Object>();
                    for (int n = count(); n > 0; n--) {
                        list.add(value());
                    }
                    yield list;
                }
                case 3 -> string();
                default -> throw new IllegalArgumentException("not a unit: tag " + tag);
            };
        }

        private Raw node() {
            String type = string();
            int id = in.getInt();
            int line = in.getInt();
            var fields = new LinkedHashMap<String, Object>();
            for (int n = in.get(); n > 0; n--) {
                String field = string();
                Object value = value();
                if (value != null) {
                    fields.put(field, value);
                }
            }
            return new Raw(type, id, line, fields);
        }
    }
}
