package pydron.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// The core on thousands of invented lives, each twice. A failure names its seed: `-Dsim.seed=4711` runs that one.
class SimulationTest {
    private static final int SEEDS = Integer.getInteger("sim.seeds", 5000);

    @Test
    void everyLifeGivesTheSequentialAnswerAndLeavesNothingBehind() {
        long one = Long.getLong("sim.seed", -1);
        long first = one >= 0 ? one : 0;
        long last = one >= 0 ? one + 1 : SEEDS;
        long retried = 0;
        long recomputed = 0;
        long late = 0;
        long discarded = 0;
        long adopted = 0;
        long inVain = 0;
        long departures = 0;
        long givenBack = 0;
        for (long seed = first; seed < last; seed++) {
            Simulation a = new Simulation(seed, Simulation.Tampering.NONE);
            Simulation b = new Simulation(seed, Simulation.Tampering.NONE);
            try {
                a.run();
                b.run();
                assertThat(a.effectsHash).as("the same life twice").isEqualTo(b.effectsHash);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("Failed on seed " + seed + ": " + e.getMessage(), e);
            }
            retried += a.core.counters().retried();
            recomputed += a.core.counters().recomputed();
            late += a.core.counters().lateReports() + a.core.counters().staleSessions();
            discarded += a.core.counters().discardedAppends();
            departures += a.departures;
            givenBack += a.core.counters().givenBack();
            Core.Ahead ahead = a.core.statistics().ahead();
            adopted += ahead.used();
            inVain += ahead.made() - ahead.used();
        }
        if (one < 0) {
            // The trouble that all this is about has really come up.
            assertThat(retried).isGreaterThan(SEEDS / 10);
            assertThat(recomputed).isGreaterThan(SEEDS / 20);
            assertThat(late).isGreaterThan(SEEDS / 10);
            assertThat(discarded).isGreaterThan(SEEDS / 50);
            assertThat(adopted).isGreaterThan(SEEDS / 4);
            assertThat(inVain).isGreaterThan(SEEDS);
            assertThat(departures).isGreaterThan(SEEDS / 10);
            assertThat(givenBack).isGreaterThan(SEEDS / 100);
        }
    }

    /// A fault is planted between the core and its world, and the checker it is for must find it within some seeds.
    private static void findsIt(String complaint, UnaryOperator<Event> events, Faulty effects) {
        List<String> complaints = new ArrayList<>();
        for (long seed = 0; seed < 200; seed++) {
            try {
                new Simulation(seed, new Simulation.Tampering() {
                            @Override
                            public Event event(Event event) {
                                return events.apply(event);
                            }

                            @Override
                            public List<Effect> effects(Event event, List<Effect> out) {
                                return effects.of(event, out);
                            }
                        })
                        .run();
            } catch (AssertionError | RuntimeException e) {
                if (String.valueOf(e.getMessage()).contains(complaint)) {
                    return;
                }
                complaints.add(seed + ": " + e.getMessage());
            }
        }
        throw new AssertionError("planted fault not found as '" + complaint + "', but as "
                + complaints.stream().limit(3).toList());
    }

    private interface Faulty {
        List<Effect> of(Event event, List<Effect> out);
    }

    private static final Faulty HONEST = (event, out) -> out;

    @Test
    void aTaskThatRunsWithoutAnInputIsFound() {
        findsIt(
                "without its input",
                e -> e,
                (event, out) -> map(
                        out,
                        e -> e instanceof Effect.Assign a
                                ? new Effect.Assign(a.session(), a.jobs(), a.functions(), List.of(), a.tasks())
                                : e));
    }

    @Test
    void aMachineThatIsEndedWithTheOnlyCopyOfAValueIsFound() {
        List<String> complaints = new ArrayList<>();
        for (long seed = 0; seed < 1000 && complaints.isEmpty(); seed++) {
            Simulation hasty = new Simulation(seed, Simulation.Tampering.NONE);
            hasty.hasty = true;
            try {
                hasty.run();
            } catch (AssertionError e) {
                complaints.add(e.getMessage());
            }
        }
        assertThat(complaints).singleElement().asString().contains("values were lost with");
    }

    @Test
    void aBatchForAWorkerThatDrainsIsFound() {
        findsIt("while it drains", e -> e, (event, out) -> {
            if (!(event instanceof Event.DrainOrdered)) {
                return out;
            }
            List<Effect> more = new ArrayList<>(out);
            out.stream()
                    .filter(e -> e instanceof Effect.Drain)
                    .map(e ->
                            new Effect.Assign(((Effect.Drain) e).session(), List.of(), List.of(), List.of(), List.of()))
                    .forEach(more::add);
            return more;
        });
    }

    @Test
    void aBatchWithoutCreditIsFound() {
        findsIt("no credit", e -> e, (event, out) -> {
            List<Effect> twice = new ArrayList<>(out);
            out.stream().filter(e -> e instanceof Effect.Assign).forEach(twice::add);
            return twice;
        });
    }

    @Test
    void anEarlyReleaseIsFound() {
        findsIt("where the order demands", e -> e, (event, out) -> {
            if (event instanceof Event.OrderAsked asked && out.isEmpty()) {
                return List.of(new Effect.Release(asked.job(), new int[] {asked.token()}));
            }
            return out;
        });
    }

    @Test
    void aForgottenReleaseIsFound() {
        findsIt(
                "where the order demands",
                e -> e,
                (event, out) ->
                        out.stream().filter(e -> !(e instanceof Effect.Release)).toList());
    }

    @Test
    void aFailureRaisedAtTheWrongMarkerIsFound() {
        findsIt(
                "where the order demands",
                e -> e,
                (event, out) -> map(
                        out,
                        e -> e instanceof Effect.RaiseTask r && r.marker() != 0
                                ? new Effect.RaiseTask(r.job(), 0, r.task(), r.record())
                                : e));
    }

    @Test
    void aFailureThatIsSwallowedIsFound() {
        findsIt(
                "raised [] where",
                e -> e,
                (event, out) -> out.stream()
                        .filter(e -> !(e instanceof Effect.RaiseTask))
                        .toList());
    }

    @Test
    void anAdoptedTaskWithoutAPlaceInTheOrderIsFound() {
        findsIt("ended with", e -> e instanceof Event.TaskAdopted ? null : e, HONEST);
    }

    @Test
    void aFailureOfATaskThatIsNotAdoptedIsFound() {
        int[] ahead = {-1};
        findsIt("where the order demands", e -> e, (event, out) -> {
            if (event instanceof Event.TasksSubmitted s && s.place() == Event.TasksSubmitted.Place.AHEAD) {
                ahead[0] = s.first();
            }
            if (event instanceof Event.ResultsReported && ahead[0] >= 0) {
                List<Effect> more = new ArrayList<>(out);
                more.add(new Effect.RaiseTask(1, 0, ahead[0], new byte[] {1}));
                return more;
            }
            return out;
        });
    }

    @Test
    void aTaskThatCountsAsDoneWithoutHavingRunIsFound() {
        findsIt(
                "never run to its end",
                e -> e instanceof Event.ResultsReported r
                                && r.reports().getFirst().outcome() instanceof Outcome.Raised
                        ? new Event.ResultsReported(
                                r.session(),
                                List.of(new Outcome.Report(
                                        r.reports().getFirst().attempt(), new Outcome.Returned(new byte[8]), 0)))
                        : e,
                HONEST);
    }

    @Test
    void aWrongResultIsFound() {
        findsIt(
                "printed",
                e -> e instanceof Event.ResultsReported r
                                && r.reports().getFirst().outcome() instanceof Outcome.Returned
                        ? new Event.ResultsReported(
                                r.session(),
                                List.of(new Outcome.Report(
                                        r.reports().getFirst().attempt(), new Outcome.Returned(new byte[8]), 0)))
                        : e,
                HONEST);
    }

    @Test
    void aLostAssignmentIsFoundAsStuck() {
        int[] assigned = {0};
        findsIt(
                "stuck",
                e -> e,
                (event, out) -> out.stream()
                        .filter(e -> !(e instanceof Effect.Assign) || ++assigned[0] % 5 != 0)
                        .toList());
    }

    @Test
    void valuesThatAreNeverFreedAreFound() {
        findsIt(
                "left in memory",
                e -> e instanceof Event.ValuesFreed f ? new Event.ValuesFreed(f.job(), new int[0]) : e,
                HONEST);
    }

    @Test
    void aRunThatNeverEndsIsFound() {
        findsIt("runs=1", e -> e instanceof Event.RunEnded ? null : e, HONEST);
    }

    @Test
    void filesThatAreNeverDeletedAreFound() {
        findsIt(
                "left on disk",
                e -> e,
                (event, out) ->
                        out.stream().filter(e -> !(e instanceof Effect.Free)).toList());
        findsIt(
                "left on disk",
                e -> e,
                (event, out) -> out.stream()
                        .filter(e -> !(e instanceof Effect.DeleteFile))
                        .toList());
    }

    @Test
    void aCoreThatIsNotDeterministicIsFound() {
        boolean[] second = {false};
        Simulation.Tampering moody = new Simulation.Tampering() {
            @Override
            public List<Effect> effects(Event event, List<Effect> out) {
                return second[0] ? out.reversed() : out;
            }
        };
        Simulation one = new Simulation(4, moody);
        one.run();
        second[0] = true;
        Simulation two = new Simulation(4, moody);
        assertThatThrownBy(() -> {
                    two.run();
                    assertThat(two.effectsHash).isEqualTo(one.effectsHash);
                })
                .isInstanceOf(AssertionError.class);
    }

    private static List<Effect> map(List<Effect> effects, UnaryOperator<Effect> change) {
        return effects.stream().map(change).toList();
    }
}
