package pydron.provision.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class MoneyTest {
    @Test
    void timeIsRoundedUp() {
        assertThat(Money.of("3.6").during(Duration.ofSeconds(10))).isEqualTo(Money.of("0.01"));
        assertThat(Money.of("3.6").during(Duration.ofMillis(9001))).isEqualTo(Money.of("0.01"));
        assertThat(Money.of("0.000001").during(Duration.ofSeconds(1))).isEqualTo(Money.of("0.000001"));
        assertThat(Money.of("3.6").during(Duration.ofSeconds(-5))).isEqualTo(Money.ZERO);
        assertThat(Money.of("0.0000001")).isEqualTo(Money.of("0.000001"));
    }

    @Test
    void coversWholeTimes() {
        assertThat(Money.of("1").covers(Money.of("0.3"))).isEqualTo(3);
        assertThat(Money.of("-1").covers(Money.of("0.3"))).isZero();
        assertThat(Money.of("1").covers(Money.ZERO)).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void isPrintedAsAnAmount() {
        assertThat(Money.of("12")).hasToString("12.00");
        assertThat(Money.of("0.0851")).hasToString("0.0851");
    }
}
