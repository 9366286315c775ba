package pydron.provision.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import pydron.provision.model.Machine;
import pydron.provision.model.Money;
import pydron.provision.model.Pool;
import pydron.provision.model.Price;
import pydron.provision.model.Resources;
import pydron.provision.plan.Limits;
import pydron.provision.plan.Policy;
import pydron.provision.plan.Rules;
import pydron.provision.plan.Scaling;

/// What a life is made of.
///
/// @param misfortune how likely faults are, 0 to 1
/// @param rounds how many rounds tasks come and faults happen in
record Scenario(Policy policy, List<SimTasks.Kind> kinds, boolean tokens, double misfortune, int rounds) {
    private static final long GIB = 1L << 30;

    static Pool pool(String name, int cores, String price, int bootSeconds, boolean spot) {
        return new Pool(
                name,
                new Machine("fake", "type-" + name, ""),
                new Resources(cores, cores * 4 * GIB, 0),
                new Price(Money.of(price), spot),
                Duration.ofSeconds(bootSeconds));
    }

    static Scenario random(RandomGenerator random) {
        List<Pool> pools = new ArrayList<>();
        int count = random.nextInt(1, 5);
        for (int i = 0; i < count; i++) {
            int cores = 1 << random.nextInt(5);
            Pool pool = pool(
                    "p" + i, cores, "0." + random.nextInt(10, 99), random.nextInt(20, 150), random.nextInt(3) == 0);
            int gpus = random.nextInt(5) == 0 ? 1 : 0;
            pools.add(new Pool(
                    pool.name(),
                    pool.machine(),
                    new Resources(cores, pool.size().memory(), gpus),
                    pool.price(),
                    pool.boot()));
        }
        Limits limits = new Limits(
                random.nextInt(1, 12),
                random.nextInt(8, 80),
                Money.of("" + random.nextInt(1, 8)),
                Money.of(random.nextInt(4) == 0 ? "1" : "40"),
                Duration.ofMinutes(random.nextInt(5) == 0 ? 50 : 720));
        Scaling scaling = new Scaling(
                Duration.ofSeconds(random.nextInt(30, 400)),
                random.nextInt(4) == 0 ? 1 : 0,
                random.nextInt(3) == 0 ? Duration.ZERO : Duration.ofSeconds(random.nextInt(10, 200)));
        List<SimTasks.Kind> kinds = new ArrayList<>();
        int needs = random.nextInt(1, 4);
        for (int i = 0; i < needs; i++) {
            kinds.add(new SimTasks.Kind(
                    new Resources(random.nextInt(1, 5), random.nextInt(5) * GIB, random.nextInt(8) == 0 ? 1 : 0),
                    Duration.ofMillis((long) Math.exp(random.nextDouble(Math.log(500), Math.log(900_000))))));
        }
        Policy policy = new Policy(limits, scaling, Rules.STANDARD, pools, false);
        return new Scenario(
                policy,
                kinds,
                random.nextBoolean(),
                random.nextInt(4) == 0 ? 0 : random.nextDouble(),
                random.nextInt(60, 220));
    }
}
