package pydron.provision.plan;

import java.time.Duration;
import java.util.Objects;
import pydron.provision.model.Money;

/// What is never exceeded, also not by what has been asked for and is not there yet, or told to end and not
/// gone yet.
///
/// @param budget all that instances may ever cost, what earlier ones have cost included
public record Limits(int instances, int cores, Money perHour, Money budget, Duration lifetime) {
    public Limits {
        Objects.requireNonNull(perHour);
        Objects.requireNonNull(budget);
        Objects.requireNonNull(lifetime);
    }
}
