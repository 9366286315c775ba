package pydron.provision.ec2;

import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/// Writes answers of the Query protocol.
final class Xml {
    private final StringBuilder text = new StringBuilder();

    Xml text(String name, Object value) {
        text.append('<').append(name).append('>');
        for (char c : value.toString().toCharArray()) {
            switch (c) {
                case '<' -> text.append("&lt;");
                case '>' -> text.append("&gt;");
                case '&' -> text.append("&amp;");
                case '"' -> text.append("&quot;");
                default -> {
                    boolean legal = c >= ' ' || c == '\t' || c == '\n' || c == '\r';
                    text.append(legal ? c : '?');
                }
            }
        }
        text.append("</").append(name).append('>');
        return this;
    }

    Xml in(String name, Runnable inner) {
        text.append('<').append(name).append('>');
        inner.run();
        text.append("</").append(name).append('>');
        return this;
    }

    <T> Xml set(String name, List<T> items, BiConsumer<Xml, T> write) {
        return in(name, () -> items.forEach(it -> in("item", () -> write.accept(this, it))));
    }

    Xml tags(Map<String, String> tags) {
        return set(
                "tagSet",
                List.copyOf(tags.entrySet()),
                (x, it) -> x.text("key", it.getKey()).text("value", it.getValue()));
    }

    String response(String action) {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<" + action
                + "Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">"
                + "<requestId>00000000-0000-4000-8000-000000000000</requestId>" + text + "</" + action + "Response>";
    }

    static String error(ApiError error) {
        Xml xml = new Xml();
        xml.in(
                "Response",
                () -> xml.in(
                                "Errors",
                                () -> xml.in(
                                        "Error",
                                        () -> xml.text("Code", error.code).text("Message", error.getMessage())))
                        .text("RequestID", "00000000-0000-4000-8000-000000000000"));
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + xml.text;
    }

    /// STS has another form.
    static String errorOfSts(ApiError error) {
        Xml xml = new Xml();
        xml.in(
                        "Error",
                        () -> xml.text("Type", "Sender")
                                .text("Code", error.code)
                                .text("Message", error.getMessage()))
                .text("RequestId", "00000000-0000-4000-8000-000000000000");
        return "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">" + xml.text + "</ErrorResponse>";
    }

    static String callerOfSts(String identity) {
        Xml xml = new Xml();
        xml.in(
                        "GetCallerIdentityResult",
                        () -> xml.text("Arn", "arn:aws:iam::123456789012:user/astro")
                                .text("UserId", identity)
                                .text("Account", "123456789012"))
                .in("ResponseMetadata", () -> xml.text("RequestId", "00000000-0000-4000-8000-000000000000"));
        return "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">" + xml.text
                + "</GetCallerIdentityResponse>";
    }
}
