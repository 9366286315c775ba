package pydron.provision.jclouds;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import pydron.provision.cloud.LaunchRequest;
import pydron.provision.model.ClaimId;
import pydron.provision.model.Money;
import pydron.provision.model.Thing;

/// What is written on everything that is made, as tags or metadata, and read back from the cloud's lists.
/// Others may have changed it: what cannot be read counts as not there.
final class Tags {
    static final String INSTALLATION = "pydron-installation";
    static final String CLAIM = "pydron-claim";
    static final String CORES = "pydron-cores";
    static final String PER_HOUR = "pydron-per-hour";
    static final String UNTIL = "pydron-until";

    private static final Pattern NAME = Pattern.compile("[a-z0-9-]{8,40}");
    private static final Pattern COUNT = Pattern.compile("[0-9]{1,6}");
    private static final Pattern AMOUNT = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,6})?");

    private Tags() {}

    /// The installation's identity, checked: it goes into filters and names, which have wild cards.
    static String installation(String id) {
        if (!NAME.matcher(id).matches()) {
            throw new IllegalArgumentException("an installation is named with 8 to 40 of a-z, 0-9 and -: '" + id + "'");
        }
        return id;
    }

    /// @param now when its first lease begins
    static Map<String, String> of(String installation, LaunchRequest request, Instant now) {
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put(INSTALLATION, installation);
        tags.put(CLAIM, request.claim().value());
        tags.put(CORES, Integer.toString(request.pool().size().cores()));
        tags.put(PER_HOUR, request.pool().perHour().toString());
        tags.put(
                UNTIL, now.plus(request.lease()).truncatedTo(ChronoUnit.SECONDS).toString());
        return tags;
    }

    static boolean owned(String installation, Map<String, String> tags) {
        return installation.equals(tags.get(INSTALLATION));
    }

    static Optional<ClaimId> claim(Map<String, String> tags) {
        String value = tags.getOrDefault(CLAIM, "");
        return value.isEmpty() || value.length() > 60 ? Optional.empty() : Optional.of(new ClaimId(value));
    }

    static Thing.Footprint footprint(Map<String, String> tags) {
        String cores = tags.getOrDefault(CORES, "");
        String perHour = tags.getOrDefault(PER_HOUR, "");
        return new Thing.Footprint(
                COUNT.matcher(cores).matches() ? Integer.parseInt(cores) : 0,
                AMOUNT.matcher(perHour).matches() ? Money.of(perHour) : Money.ZERO);
    }
}
