package pydron.provision.plan;

import java.time.Duration;

/// How patient the planner is; what users hardly ever set.
///
/// @param lease an instance ends itself unless it hears from us for so long
/// @param settle more work may be about to come for so long after the last of it came
public record Rules(Graces graces, BackOff backOff, Duration lease, Duration settle) {
    public static final Rules STANDARD = new Rules(
            new Graces(
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(3),
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(10),
                    Duration.ofSeconds(30)),
            BackOff.STANDARD,
            Duration.ofMinutes(10),
            Duration.ofSeconds(1));

    public Rules joiningWithin(Duration join) {
        Graces changed =
                new Graces(join, graces.missing(), graces.stray(), graces.reconnect(), graces.drain(), graces.again());
        return new Rules(changed, backOff, lease, settle);
    }
}
