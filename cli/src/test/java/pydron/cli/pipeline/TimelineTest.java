package pydron.cli.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class TimelineTest {
    @Test
    void aLoopAndWhatComesAfterIt() {
        Timeline timeline = new Timeline();
        int all = Timeline.BEGIN;
        for (int i = 0; i < 10; i++) {
            all = timeline.both(timeline.call(2, Timeline.BEGIN), all);
        }
        int last = timeline.call(3, all);
        timeline.call(1, last);
        assertThat(timeline.calls()).isEqualTo(12);
        assertThat(timeline.work()).isEqualTo(24);
        assertThat(timeline.width()).isEqualTo(10);
        assertThat(timeline.chain()).isEqualTo(6);
        assertThat(timeline.seconds(1)).isEqualTo(24);
        assertThat(timeline.seconds(4)).isEqualTo(3 * 2 + 3 + 1);
        assertThat(timeline.seconds(10)).isEqualTo(6);
        assertThat(timeline.seconds(1000)).isEqualTo(6);
    }

    @Test
    void oneThatEndsAndOneThatBeginsAreNotAtTheSameTime() {
        Timeline timeline = new Timeline();
        int before = Timeline.BEGIN;
        for (int i = 0; i < 1000; i++) {
            before = timeline.call(0.1, before);
        }
        assertThat(timeline.width()).isEqualTo(1);
        assertThat(timeline.seconds(8)).isCloseTo(100, within(1e-6));
        assertThat(new Timeline().width()).isZero();
        assertThat(new Timeline().seconds(3)).isZero();
    }

    /// Graham's bounds for every list schedule.
    @Test
    void anyScheduleIsWithinItsBounds() {
        Random random = new Random(4711);
        for (int seed = 0; seed < 200; seed++) {
            Timeline timeline = new Timeline();
            int n = 1 + random.nextInt(60);
            for (int i = 0; i < n; i++) {
                int before = timeline.both(random.nextInt(i + 1), random.nextInt(i + 1));
                timeline.call(random.nextInt(4), before);
            }
            double work = timeline.work();
            double chain = timeline.chain();
            assertThat(timeline.seconds(1)).as("seed %d", seed).isCloseTo(work, within(1e-9));
            assertThat(timeline.seconds(n)).as("seed %d", seed).isCloseTo(chain, within(1e-9));
            for (int slots = 2; slots < 8; slots++) {
                assertThat(timeline.seconds(slots))
                        .as("seed %d, %d slots", seed, slots)
                        .isBetween(Math.max(chain, work / slots) - 1e-9, work / slots + chain + 1e-9);
            }
        }
    }
}
