package pydron.provision.model;

import java.time.Duration;
import java.util.Objects;

/// A kind of instance that may be started.
///
/// @param boot from the call until its worker joins, as measured or, at first, guessed
public record Pool(String name, Machine machine, Resources size, Price price, Duration boot) {
    public Pool {
        Objects.requireNonNull(name);
        Objects.requireNonNull(machine);
        Objects.requireNonNull(size);
        Objects.requireNonNull(price);
        if (size.cores() < 1 || boot.isNegative()) {
            throw new IllegalArgumentException(
                    "pool '" + name + "' has " + size.cores() + " cores and boots in " + boot);
        }
    }

    public Money perHour() {
        return price.perHour();
    }
}
