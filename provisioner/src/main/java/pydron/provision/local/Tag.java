package pydron.provision.local;

import java.util.Objects;
import java.util.Optional;
import pydron.provision.model.ClaimId;
import pydron.provision.model.Money;
import pydron.provision.model.Thing;

/// What says of a process which instance it belongs to: one variable of its environment, which its children
/// inherit. It is there from the first instruction of the process on, so there is no moment at which a process
/// runs that a service started and the next one does not know.
record Tag(String installation, String cloud, ClaimId claim, Thing.Footprint footprint) {
    static final String VARIABLE = "PYDRON_INSTANCE";
    private static final int PARTS = 5;

    Tag {
        Objects.requireNonNull(footprint);
    }

    String text() {
        return String.join(
                "\t",
                installation,
                cloud,
                Integer.toString(footprint.cores()),
                Long.toString(footprint.perHour().micros()),
                claim.value());
    }

    /// Empty for what is no tag of ours: anybody may set a variable.
    static Optional<Tag> of(String text) {
        String[] parts = text.split("\t", PARTS);
        if (parts.length < PARTS) {
            return Optional.empty();
        }
        try {
            Money rate = new Money(Long.parseLong(parts[3]));
            Thing.Footprint footprint = new Thing.Footprint(Integer.parseInt(parts[2]), rate);
            return Optional.of(new Tag(parts[0], parts[1], new ClaimId(parts[4]), footprint));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
