package pydron.provision.cloud;

import java.time.LocalDate;
import java.util.Objects;
import java.util.Optional;
import pydron.provision.model.Price;
import pydron.provision.model.Resources;

/// An instance type as the cloud describes it.
///
/// @param price without one the cloud does not say, and the user has to
/// @param asOf the day of the price
public record Offer(String type, Resources size, Optional<Price> price, LocalDate asOf) {
    public Offer {
        Objects.requireNonNull(type);
        Objects.requireNonNull(size);
        Objects.requireNonNull(price);
        Objects.requireNonNull(asOf);
    }
}
