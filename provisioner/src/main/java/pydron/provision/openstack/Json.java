package pydron.provision.openstack;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Looks into answers that may have any form.
public final class Json {
    private static final int LONGEST = 300;

    private Json() {}

    static Optional<JsonObject> object(String text) {
        try {
            return JsonParser.parseString(text) instanceof JsonObject it ? Optional.of(it) : Optional.empty();
        } catch (JsonParseException e) {
            return Optional.empty();
        }
    }

    public static Optional<JsonObject> object(JsonObject in, String key) {
        return in.get(key) instanceof JsonObject it ? Optional.of(it) : Optional.empty();
    }

    public static Optional<String> text(JsonObject in, String key) {
        return in.get(key) instanceof JsonPrimitive it ? Optional.of(it.getAsString()) : Optional.empty();
    }

    public static Optional<Long> number(JsonObject in, String key) {
        return in.get(key) instanceof JsonPrimitive it && it.isNumber()
                ? Optional.of(it.getAsLong())
                : Optional.empty();
    }

    public static List<JsonObject> objects(JsonObject in, String key) {
        List<JsonObject> result = new ArrayList<>();
        if (in.get(key) != null && in.get(key).isJsonArray()) {
            for (JsonElement each : in.getAsJsonArray(key)) {
                if (each instanceof JsonObject it) {
                    result.add(it);
                }
            }
        }
        return result;
    }

    /// What an error's body says. All services wrap it in something: `{"itemNotFound": {"message": …}}`.
    public static String message(String body) {
        Optional<JsonObject> whole = object(body);
        Optional<String> message = whole.flatMap(it -> text(it, "message")
                .or(() -> it.entrySet().stream()
                        .map(each -> each.getValue())
                        .filter(JsonObject.class::isInstance)
                        .flatMap(each -> text((JsonObject) each, "message").stream())
                        .findFirst()));
        String text = message.orElse(body.replaceAll("(?s)<(title|style|script)\\b.*?</\\1>", " ")
                        .replaceAll("<[^>]*>", " "))
                .replaceAll("\\s+", " ")
                .strip();
        return text.isEmpty() ? "without a reason" : text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
    }
}
