package pydron.provision.plan;

import java.util.Objects;

/// What keeps an instance's worker from joining.
///
/// @param text for people
/// @param lasting no time will mend it: the instance costs money in vain
public record Hindrance(String text, boolean lasting) {
    public Hindrance {
        Objects.requireNonNull(text);
    }
}
