package pydron.provision.model;

import java.util.Objects;

/// @param perHour what an instance costs, for spot the most that is paid for it
/// @param spot the cloud may take the instance back at any time
public record Price(Money perHour, boolean spot) {
    public Price {
        Objects.requireNonNull(perHour);
        if (perHour.compareTo(Money.ZERO) < 0) {
            throw new IllegalArgumentException("negative price " + perHour);
        }
    }
}
