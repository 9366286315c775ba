package pydron.provision.model;

import java.util.Objects;

/// The name of a recorded intent to have an instance. It is the instance's tag, and the idempotency token of
/// the call that starts it; unique also between stores, because a token that was used before would bring back
/// an instance of then.
public record ClaimId(String value) implements Comparable<ClaimId> {
    public ClaimId {
        Objects.requireNonNull(value);
        if (value.isEmpty() || value.length() > 60) {
            throw new IllegalArgumentException("an identity of a claim has 1 to 60 characters: '" + value + "'");
        }
    }

    @Override
    public int compareTo(ClaimId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
