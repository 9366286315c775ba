package pydron.cli.elastic;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntToDoubleFunction;
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
import pydron.provision.settings.Settings;

/// `pydron plan`: what the service's own planner would start for so many calls, how long they would take there, and
/// what that would cost.
public final class Forecast {
    private static final int MOST_INSTANCES = 1024;

    private final Places places;
    private final PrintWriter out;

    public Forecast(Places places, PrintWriter out) {
        this.places = places;
        this.out = out;
    }

    /// What is known of functions, those of a script before others, by name without dots.
    public Map<String, Double> measured(String script) {
        Durations durations = new Durations(places.durations());
        Map<String, Double> all = new TreeMap<>(durations.all());
        durations.ofFile(script).forEach((name, seconds) -> all.put(Durations.simple(name), seconds));
        return all;
    }

    /// What a program does, as far as is known.
    ///
    /// @param width how many calls may run at the same time
    /// @param each how long one of them takes on one core
    /// @param work of all, one after the other
    /// @param seconds that all take on so many slots
    public record Work(int width, double each, double work, IntToDoubleFunction seconds) {}

    public void tell(Work work) {
        Settings settings = new SettingsFile(places.settings()).read();
        if (settings.pools().isEmpty()) {
            throw new CommandFailure(
                    ExitCode.FAILED,
                    "there are no pools in the settings",
                    "'pydron cloud add' adds a cloud with pools.");
        }
        Instant now = Instant.now();
        TreeSet<String> clouds = new TreeSet<>(settings.clouds().keySet());
        var waiting = new pydron.provision.plan.Work(
                new Resources(1, 0, 0), work.width(), 0, Optional.of(Duration.ofNanos((long) (work.each() * 1e9))));
        // Long enough ago that nothing more is waited for.
        Instant came = now.minusSeconds(60);
        Plan plan = Planner.plan(
                settings.policy(),
                new Demand(List.of(waiting), Optional.of(new Demand.Burst(came, came))),
                new Inventory(new Watch(came, clouds, clouds), List.of(), List.of(), Map.of(), Money.ZERO),
                now);
        Map<String, Integer> counts = new TreeMap<>();
        for (Action action : plan.actions()) {
            if (action instanceof Action.Start start) {
                counts.merge(start.pool().name(), 1, Integer::sum);
            }
        }
        double alone = work.seconds().applyAsDouble(1);
        out.println("On one core it takes " + text(alone) + ".");
        if (counts.isEmpty()) {
            out.println("The service would start nothing:");
        } else {
            out.println("The service would start:");
            List<Pool> pools = new ArrayList<>();
            counts.forEach((name, count) -> {
                Pool pool = named(settings, name);
                out.println("  " + count + " of pool '" + name + "' ("
                        + pool.machine().type() + ", " + pool.size().cores() + " cores, " + pool.perHour() + "/h)");
                pools.addAll(Collections.nCopies(count, pool));
            });
            Cost cost = cost(settings, pools, work);
            out.println("  time: about " + text(cost.boot() + cost.working()) + " (" + text(cost.boot()) + " booting, "
                    + text(cost.working()) + " working)");
            out.println("  money: about " + StatusWriter.cents(cost.money()) + ", "
                    + text(settings.scaling().idle().toSeconds()) + " of being idle at the end included");
        }
        plan.waiting()
                .forEach(it -> out.println("  " + it.slots()
                        + (it.slots() == 1
                                ? " of the calls would wait for a slot: "
                                : " of the calls would wait for slots: ")
                        + Words.of(it.reason(), List.of())));
        table(settings, work);
        out.println("Prices and boot times are those of '" + places.settings() + "', last changed on "
                + changed(places.settings()) + ". What the program itself does, and bringing data, is not counted.");
    }

    private static Pool named(Settings settings, String name) {
        return settings.pools().stream()
                .filter(it -> it.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private record Cost(double boot, double working, Money money) {}

    private static Cost cost(Settings settings, List<Pool> instances, Work work) {
        int slots = 0;
        double boot = 0;
        for (Pool pool : instances) {
            slots += pool.size().cores();
            boot = Math.max(boot, pool.boot().toSeconds());
        }
        double working = work.seconds().applyAsDouble(slots);
        double paid = boot + working + settings.scaling().idle().toSeconds();
        Money money = Money.ZERO;
        for (Pool pool : instances) {
            money = money.plus(pool.perHour().during(Duration.ofMillis((long) (Math.min(paid, 1e12) * 1000))));
        }
        return new Cost(boot, working, money);
    }

    /// What more or fewer instances of each pool would change, up to where more have nothing to do.
    private void table(Settings settings, Work work) {
        out.println("Instances of one pool only, whatever the limits:");
        out.println("  pool                 instances  slots        time   money");
        for (Pool pool : settings.pools()) {
            int most = Math.clamp(Math.ceilDiv(work.width(), pool.size().cores()), 1, MOST_INSTANCES);
            for (int count = 1; count < 2 * most; count *= 2) {
                int instances = Math.min(count, most);
                Cost cost = cost(settings, Collections.nCopies(instances, pool), work);
                out.println(String.format(
                        Locale.ROOT,
                        "  %-20s %9d %6d %11s %7s",
                        pool.name(),
                        instances,
                        instances * pool.size().cores(),
                        text(cost.boot() + cost.working()),
                        StatusWriter.cents(cost.money())));
            }
        }
    }

    private static String changed(Path file) {
        try {
            return LocalDate.ofInstant(Files.getLastModifiedTime(file).toInstant(), ZoneId.systemDefault())
                    .toString();
        } catch (IOException e) {
            return "an unknown day";
        }
    }

    private static String text(double seconds) {
        long whole = Math.round(seconds);
        if (seconds < 10) {
            return String.format(Locale.ROOT, "%.2g s", seconds);
        }
        return whole < 60 || whole >= 7200
                ? Words.duration(Duration.ofSeconds(whole))
                : whole / 60 + "m" + String.format(Locale.ROOT, "%02ds", whole % 60);
    }
}
