package pydron.provision.model;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// Something in the account that carries this installation's tag.
///
/// @param claim whose tag it carries
/// @param footprint what it counts for in the limits, from its tags; nothing for what is no instance
/// @param addresses where it can be reached, public ones first; empty as long as the cloud does not say
public record Thing(
        Kind kind, String id, Optional<ClaimId> claim, Life life, Footprint footprint, List<String> addresses) {
    public enum Kind {
        INSTANCE("instance"),
        VOLUME("volume"),
        KEY_PAIR("key pair"),
        SECURITY_GROUP("security group"),
        /// A public one that is paid for, or counted, as long as it is ours.
        ADDRESS("address");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    public enum Life {
        /// Costs money, or will.
        ALIVE,
        /// Still in the list, and over.
        ENDED
    }

    public record Footprint(int cores, Money perHour) {
        public static final Footprint NONE = new Footprint(0, Money.ZERO);

        public Footprint {
            Objects.requireNonNull(perHour);
        }
    }

    public Thing {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(id);
        Objects.requireNonNull(claim);
        Objects.requireNonNull(life);
        Objects.requireNonNull(footprint);
        addresses = List.copyOf(addresses);
    }
}
