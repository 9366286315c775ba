package pydron.cli.elastic;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;
import pydron.provision.model.Money;
import pydron.provision.model.Pool;
import pydron.provision.model.Resources;
import pydron.provision.plan.Action;
import pydron.provision.plan.Demand;
import pydron.provision.plan.Inventory;
import pydron.provision.plan.Plan;
import pydron.provision.plan.Planner;
import pydron.provision.plan.Watch;
import pydron.provision.plan.Work;
import pydron.provision.settings.Settings;

/// `pydron plan`: what the service's own planner would start for so many calls, how long they would take there, and
/// what that would cost.
public final class Forecast {
    private final Places places;
    private final PrintWriter out;

    public Forecast(Places places, PrintWriter out) {
        this.places = places;
        this.out = out;
    }

    /// What is known of a script's functions.
    public Map<String, Double> measured(String script) {
        return new Durations(places.durations()).ofFile(script);
    }

    /// @param calls that may run at the same time
    /// @param seconds that each takes on one core
    public void tell(int calls, double seconds) {
        Settings settings = new SettingsFile(places.settings()).read();
        if (settings.pools().isEmpty()) {
            throw new CommandFailure(
                    ExitCode.FAILED,
                    "there are no pools in the settings",
                    "'pydron cloud add' adds a cloud with pools.");
        }
        Instant now = Instant.now();
        TreeSet<String> clouds = new TreeSet<>(settings.clouds().keySet());
        Work work = new Work(new Resources(1, 0, 0), calls, 0, Optional.of(Duration.ofNanos((long) (seconds * 1e9))));
        // Long enough ago that nothing more is waited for.
        Instant came = now.minusSeconds(60);
        Plan plan = Planner.plan(
                settings.policy(),
                new Demand(List.of(work), Optional.of(new Demand.Burst(came, came))),
                new Inventory(new Watch(came, clouds, clouds), List.of(), List.of(), Map.of(), Money.ZERO),
                now);
        Map<String, Integer> counts = new TreeMap<>();
        Map<String, Pool> pools = new TreeMap<>();
        for (Action action : plan.actions()) {
            if (action instanceof Action.Start start) {
                counts.merge(start.pool().name(), 1, Integer::sum);
                pools.put(start.pool().name(), start.pool());
            }
        }
        if (counts.isEmpty()) {
            out.println("Nothing would start:");
        } else {
            instances(settings, counts, pools, calls, seconds);
        }
        plan.waiting()
                .forEach(it -> out.println("  " + it.slots() + " of the calls would wait for a slot: "
                        + Words.of(it.reason(), List.of())));
    }

    private void instances(
            Settings settings, Map<String, Integer> counts, Map<String, Pool> pools, int calls, double seconds) {
        int slots = 0;
        double boot = 0;
        for (Map.Entry<String, Integer> it : counts.entrySet()) {
            Pool pool = pools.get(it.getKey());
            slots += it.getValue() * pool.size().cores();
            boot = Math.max(boot, pool.boot().toSeconds());
        }
        double working = Math.ceilDiv(calls, slots) * seconds;
        double paid = boot + working + settings.scaling().idle().toSeconds();
        Money cost = Money.ZERO;
        for (Map.Entry<String, Integer> it : counts.entrySet()) {
            Pool pool = pools.get(it.getKey());
            cost = cost.plus(pool.perHour()
                    .during(Duration.ofMillis((long) (paid * 1000)))
                    .times(it.getValue()));
            out.println("  " + it.getValue() + " of pool '" + pool.name() + "' ("
                    + pool.machine().type() + ", " + pool.size().cores() + " cores, " + pool.perHour() + "/h)");
        }
        out.println(String.format(
                Locale.ROOT,
                "  time: about %s (%s booting, %s working); on one core it would be %s",
                text(boot + working),
                text(boot),
                text(working),
                text(calls * seconds)));
        out.println("  money: about " + StatusWriter.cents(cost) + ", "
                + text(settings.scaling().idle().toSeconds()) + " of being idle at the end included");
        out.println(
                "  Prices and boot times are those of the settings, '" + places.settings() + "', as old as they are.");
    }

    private static String text(double seconds) {
        return Words.duration(Duration.ofSeconds(Math.round(seconds)));
    }
}
