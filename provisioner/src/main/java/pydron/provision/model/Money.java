package pydron.provision.model;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;

/// An amount in millionths of the currency that prices are in; never a floating point number, so that sums
/// are exact.
public record Money(long micros) implements Comparable<Money> {
    public static final Money ZERO = new Money(0);

    /// Of an amount like `0.085`. More than six decimals are rounded up: an estimate that is too high keeps a
    /// limit.
    public static Money of(BigDecimal amount) {
        return new Money(
                amount.movePointRight(6).setScale(0, RoundingMode.CEILING).longValueExact());
    }

    public static Money of(String amount) {
        return of(new BigDecimal(amount));
    }

    public Money plus(Money other) {
        return new Money(Math.addExact(micros, other.micros));
    }

    public Money minus(Money other) {
        return new Money(Math.subtractExact(micros, other.micros));
    }

    public Money times(int count) {
        return new Money(Math.multiplyExact(micros, count));
    }

    /// What this price per hour comes to; a begun second counts as a whole one, a negative time as none.
    public Money during(Duration time) {
        long seconds = Math.max(0, time.plusNanos(999_999_999).toSeconds());
        return new Money(Math.ceilDiv(Math.multiplyExact(micros, seconds), 3600));
    }

    /// How many times `price` fits into this; as often as one likes when it costs nothing.
    public int covers(Money price) {
        if (price.micros <= 0) {
            return Integer.MAX_VALUE;
        }
        return (int) Math.clamp(Math.floorDiv(micros, price.micros), 0, Integer.MAX_VALUE);
    }

    @Override
    public int compareTo(Money other) {
        return Long.compare(micros, other.micros);
    }

    @Override
    public String toString() {
        BigDecimal amount = BigDecimal.valueOf(micros, 6).stripTrailingZeros();
        return amount.setScale(Math.max(2, amount.scale())).toPlainString();
    }
}
