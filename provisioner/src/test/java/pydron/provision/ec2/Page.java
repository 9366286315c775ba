package pydron.provision.ec2;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;

/// Part of a list.
final class Page {
    private Page() {}

    /// @return what asks for the next one, empty when this is the last
    static <T> String of(Params params, List<T> all, Consumer<List<T>> write) {
        int size = params.number("MaxResults", Integer.MAX_VALUE);
        if (size < 5 || params.has("MaxResults") && size > 1000) {
            throw ApiError.bad(
                    "InvalidParameterValue",
                    "Value ( " + size + " ) for parameter maxResults is invalid. Expecting a "
                            + "value between 5 and 1000.");
        }
        int from = 0;
        if (params.has("NextToken")) {
            try {
                from = Integer.parseInt(
                        new String(Base64.getDecoder().decode(params.get("NextToken")), StandardCharsets.US_ASCII));
            } catch (IllegalArgumentException e) {
                throw ApiError.bad("InvalidNextToken", "The token '" + params.get("NextToken") + "' is invalid");
            }
        }
        int to = (int) Math.min((long) from + size, all.size());
        write.accept(all.subList(Math.min(from, to), to));
        return to == all.size()
                ? ""
                : Base64.getEncoder().encodeToString(Integer.toString(to).getBytes(StandardCharsets.US_ASCII));
    }
}
