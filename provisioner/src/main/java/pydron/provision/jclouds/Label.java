package pydron.provision.jclouds;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import pydron.provision.model.ClaimId;
import pydron.provision.model.Thing;

/// The name of what has no metadata: `pydron_INSTALLATION_CLAIM`. Installations have no underscore, so one
/// is never the beginning of another.
record Label(String installation, Optional<ClaimId> claim) {
    private static final Pattern FORM = Pattern.compile("pydron_([a-z0-9-]{8,40})(?:_(.{1,60}))?");

    static Optional<Label> of(String name) {
        Matcher matcher = FORM.matcher(name == null ? "" : name);
        return matcher.matches()
                ? Optional.of(new Label(
                        matcher.group(1), Optional.ofNullable(matcher.group(2)).map(ClaimId::new)))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return "pydron_" + installation + claim.map(it -> "_" + it).orElse("");
    }

    Thing thing(Thing.Kind kind, String id) {
        return new Thing(kind, id, claim, Thing.Life.ALIVE, Thing.Footprint.NONE, List.of());
    }
}
