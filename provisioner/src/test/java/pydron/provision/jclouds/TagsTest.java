package pydron.provision.jclouds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pydron.provision.cloud.LaunchRequest;
import pydron.provision.model.ClaimId;
import pydron.provision.model.Machine;
import pydron.provision.model.Money;
import pydron.provision.model.Pool;
import pydron.provision.model.Price;
import pydron.provision.model.Resources;
import pydron.provision.model.Thing;

class TagsTest {
    private static final LaunchRequest REQUEST = new LaunchRequest(
            new ClaimId("c-1"),
            new Pool(
                    "small",
                    new Machine("lab", "m1", ""),
                    new Resources(4, 1L << 30, 0),
                    new Price(Money.of("0.085"), false),
                    Duration.ofSeconds(60)),
            Duration.ofMinutes(10),
            "");

    @Test
    void whatIsWrittenIsReadBack() {
        Map<String, String> tags = Tags.of("installation", REQUEST, Instant.parse("2026-01-01T00:00:00.7Z"));
        assertThat(Tags.owned("installation", tags)).isTrue();
        assertThat(Tags.owned("installatiom", tags)).isFalse();
        assertThat(Tags.claim(tags)).contains(new ClaimId("c-1"));
        assertThat(Tags.footprint(tags)).isEqualTo(new Thing.Footprint(4, Money.of("0.085")));
        assertThat(tags).containsEntry("pydron-until", "2026-01-01T00:10:00Z");
    }

    @Test
    void whatOthersHaveWrittenDoesNoHarm() {
        for (String hostile : List.of("", "-1", "1e999999999", "9".repeat(500), "٣", "NaN", "<a>", " 4", "\u0000")) {
            Map<String, String> tags = new HashMap<>();
            tags.put(Tags.CORES, hostile);
            tags.put(Tags.PER_HOUR, hostile);
            assertThat(Tags.footprint(tags)).as(hostile).isEqualTo(Thing.Footprint.NONE);
        }
        assertThat(Tags.claim(Map.of(Tags.CLAIM, ""))).isEmpty();
        assertThat(Tags.claim(Map.of(Tags.CLAIM, "x".repeat(61)))).isEmpty();
    }

    @Test
    void wildCardsAreNoInstallation() {
        for (String id : List.of("", "short", "*********", "Installation", "installation\n")) {
            assertThatThrownBy(() -> Tags.installation(id)).hasMessageContaining("'" + id + "'");
        }
    }
}
