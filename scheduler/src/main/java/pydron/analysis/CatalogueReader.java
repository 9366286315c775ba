package pydron.analysis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringTokenizer;
import java.util.TreeSet;
import pydron.analysis.Catalogue.Effect;
import pydron.analysis.Catalogue.Entry;
import pydron.analysis.Catalogue.Need;
import pydron.analysis.Catalogue.Result;

/// Reads catalogue files (docs/catalogue.md). `python/pydron/_catalogue.py` reads the same format, to check a project's
/// own file before it is sent here.
final class CatalogueReader {
    /// A file that is not a catalogue; the message names the file and the line.
    static final class Malformed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message);
        }
    }

    private static final Map<String, Result> RESULTS = Map.of(
            "atom", Result.ATOM,
            "fresh", Result.FRESH,
            "list", Result.LIST,
            "set", Result.SET,
            "dict", Result.DICT,
            "iterator", Result.ITERATOR,
            "tuples", Result.TUPLES,
            "view", Result.VIEW,
            "alias", Result.ALIAS);

    private final Catalogue catalogue;
    private final String file;
    private final boolean checked;
    private int line;
    private List<String> modules = List.of();
    private List<String> types = List.of();
    private Entry meaning;

    CatalogueReader(Catalogue catalogue, String file) {
        this(catalogue, file, true);
    }

    /// @param checked whether names are looked at: those of our own files are by the tests, since the first pipeline of
    /// a
    /// session waits for them
    private CatalogueReader(Catalogue catalogue, String file, boolean checked) {
        this.checked = checked;
        this.catalogue = catalogue;
        this.file = file;
    }

    static Catalogue standard() {
        return standard(false);
    }

    static Catalogue standard(boolean checked) {
        var catalogue = new Catalogue();
        for (String name : resource("index").lines().toList()) {
            new CatalogueReader(catalogue, name, checked).read(resource(name + ".catalogue"));
        }
        return catalogue;
    }

    private static String resource(String name) {
        try (var in = CatalogueReader.class.getResourceAsStream("catalogue/" + name)) {
            if (in == null) {
                throw new IllegalStateException("the catalogue file '" + name + "' is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void read(String text) {
        for (String raw : text.lines().toList()) {
            line++;
            String content = withoutComment(raw);
            if (!content.isBlank()) {
                line(content);
            }
        }
    }

    private void line(String content) {
        if (Character.isWhitespace(content.charAt(0))) {
            if (meaning == null) {
                throw malformed("an indented line continues the names of an entry, and there is none above it");
            }
            names(content);
            return;
        }
        meaning = null;
        int colon = content.indexOf(':');
        if (colon >= 0) {
            if (modules.isEmpty() && types.isEmpty()) {
                throw malformed("'module' or 'type' comes first");
            }
            meaning = meaning(words(content.substring(0, colon)));
            names(content.substring(colon + 1));
            return;
        }
        List<String> words = words(content);
        switch (words.getFirst()) {
            case "module" -> {
                modules = words.subList(1, words.size());
                types = List.of();
            }
            case "type" -> {
                types = words.subList(1, words.size());
                modules = List.of();
            }
            default -> throw malformed("'" + words.getFirst() + "' is not 'module', 'type' or an entry with a ':'");
        }
        if (words.size() == 1) {
            throw malformed("a name is missing after '" + words.getFirst() + "'");
        }
        modules.forEach(this::name);
        types.forEach(this::name);
    }

    private static String withoutComment(String raw) {
        int sign = raw.indexOf('#');
        while (sign > 0 && !Character.isWhitespace(raw.charAt(sign - 1))) {
            sign = raw.indexOf('#', sign + 1);
        }
        return (sign < 0 ? raw : raw.substring(0, sign)).stripTrailing();
    }

    private static List<String> words(String text) {
        var found = new ArrayList<String>();
        var words = new StringTokenizer(text);
        while (words.hasMoreTokens()) {
            found.add(words.nextToken());
        }
        return found;
    }

    private void names(String text) {
        for (String name : words(text)) {
            name(name);
            modules.forEach(module -> catalogue.addCallable(module + "." + name, meaning));
            types.forEach(type -> catalogue.addMethod(type, name, meaning));
        }
    }

    private void name(String name) {
        if (!checked) {
            return;
        }
        boolean begins = true;
        boolean valid = true;
        for (int i = 0; i < name.length(); i++) {
            char sign = name.charAt(i);
            valid &= begins
                    ? Character.isJavaIdentifierStart(sign)
                    : sign == '.' || Character.isJavaIdentifierPart(sign);
            begins = sign == '.';
        }
        if (!valid || begins) {
            throw malformed("'" + name + "' is not a name");
        }
    }

    private Malformed malformed(String what) {
        return new Malformed(file + ":" + line + ": " + what);
    }

    private String next(Deque<String> words, String after) {
        if (words.isEmpty()) {
            throw malformed("a word is missing after '" + after + "'");
        }
        return words.pop();
    }

    private int number(String word) {
        if (!word.matches("[0-9]")) {
            throw malformed("'" + word + "' is not a number from 0 to 9");
        }
        return Integer.parseInt(word);
    }

    private Entry meaning(List<String> all) {
        var words = new ArrayDeque<>(all);
        String first = next(words, ":");
        Effect effect = switch (first) {
            case "pure", "functional" -> Effect.PURE;
            case "mutates" -> Effect.MUTATES;
            case "output" -> Effect.OUTPUT;
            case "opaque" -> Effect.OPAQUE;
            default -> throw malformed("'" + first + "' is not one of pure, mutates, output, opaque, functional");
        };
        int changed = 0;
        if (effect == Effect.MUTATES) {
            String what = next(words, first);
            changed = what.equals("self") ? 0 : number(what);
            if (changed == 0 && types.isEmpty()) {
                throw malformed("only methods have a 'self'");
            }
        }
        var need = Need.DEEP;
        Result result = effect == Effect.PURE ? Result.ALIAS : Result.ATOM;
        String type = "";
        boolean total = false;
        boolean progress = false;
        boolean enters = false;
        int most = Integer.MAX_VALUE;
        Set<String> calls = new TreeSet<>();
        Set<String> unless = new TreeSet<>();
        while (!words.isEmpty()) {
            String word = words.pop();
            switch (word) {
                case "shallow", "carry" -> need = Need.valueOf(word.toUpperCase(Locale.ROOT));
                case "of" -> {
                    type = next(words, word);
                    name(type);
                }
                case "total" -> total = true;
                case "progress" -> progress = true;
                case "enters" -> enters = true;
                case "most" -> most = number(next(words, word));
                case "calls" -> calls.add(next(words, word));
                case "unless" -> unless.add(next(words, word));
                // Which versions of the library have it: the tests of the catalogue look at that.
                case "since", "until" -> next(words, word);
                default -> {
                    if (!RESULTS.containsKey(word)) {
                        throw malformed("'" + word + "' is not a word of the catalogue");
                    }
                    result = RESULTS.get(word);
                }
            }
        }
        return new Entry(effect, changed, need, result, type, total, progress, enters, most, calls, unless);
    }
}
