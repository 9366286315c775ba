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
/// @param machine as `uname -m` calls its kind (`x86_64`, `aarch64`); empty where the cloud does not say
public record Offer(String type, Resources size, Optional<Price> price, LocalDate asOf, String machine) {
    public Offer {
        Objects.requireNonNull(type);
        Objects.requireNonNull(size);
        Objects.requireNonNull(price);
        Objects.requireNonNull(asOf);
        Objects.requireNonNull(machine);
    }

    /// On any kind of machine, or one that the cloud does not tell.
    public Offer(String type, Resources size, Optional<Price> price, LocalDate asOf) {
        this(type, size, price, asOf, "");
    }
}
