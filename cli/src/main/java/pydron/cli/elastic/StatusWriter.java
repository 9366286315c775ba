package pydron.cli.elastic;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import pydron.core.Core;
import pydron.provision.apply.Round;
import pydron.provision.apply.Trouble;
import pydron.provision.claims.Claims;
import pydron.provision.join.JoinReport;
import pydron.provision.model.Claim;
import pydron.provision.model.ClaimId;
import pydron.provision.model.ClaimState;
import pydron.provision.model.Money;
import pydron.provision.model.PoolState;
import pydron.provision.model.Resources;
import pydron.provision.plan.Waiting;
import pydron.provision.settings.Settings;
import pydron.service.Instances;

/// Puts what a round saw into the words of [Status].
final class StatusWriter {
    private StatusWriter() {}

    /// What the process knows beside the round.
    ///
    /// @param problem with the settings file as it is now
    record Process(Instant since, List<String> clouds, int drivers, Core.Statistics statistics, String problem) {}

    /// When no service runs and none has ever run.
    static Status without(Settings settings) {
        return written(
                settings,
                Money.ZERO,
                new Written(
                        List.of(),
                        settings.pools().stream()
                                .map(it -> pool(it.name(), it.machine().cloud(), Optional.empty()))
                                .toList()));
    }

    private record Written(List<Claim> claims, List<Status.Pool> pools) {}

    /// When no service runs.
    static Status recorded(Settings settings, Claims claims) {
        return written(settings, claims.spent(), new Written(claims.open(), pools(settings, claims)));
    }

    private static Status written(Settings settings, Money closed, Written written) {
        Instant now = Instant.now();
        Money rate = Money.ZERO;
        Money spent = closed;
        Money reserved = closed;
        List<Status.Instance> instances = new ArrayList<>();
        for (Claim claim : written.claims()) {
            instances.add(instance(claim, Optional.empty(), now, ""));
            rate = rate.plus(claim.pool().perHour());
            spent = spent.plus(claim.costBy(now));
            reserved = reserved.plus(claim.committed(now));
        }
        return new Status(
                0,
                "",
                List.of(),
                new Status.Work(0, 0, 0, 0, 0),
                new Status.Money(
                        rate.toString(),
                        cents(spent),
                        cents(reserved),
                        settings.limits().budget().toString()),
                instances,
                written.pools(),
                List.of(),
                List.of(),
                "");
    }

    /// @param reports how far those on other machines are on their way
    record Fleet(List<Instances.InstanceView> workers, Map<ClaimId, JoinReport> reports) {}

    /// @param more troubles than those of the round
    static Status status(
            Process process, Settings settings, Claims claims, Round round, Fleet fleet, List<Status.Trouble> more) {
        Instant now = Instant.now();
        Map<String, Instances.InstanceView> byClaim = new HashMap<>();
        fleet.workers().forEach(it -> byClaim.put(it.claim(), it));
        List<Status.Instance> instances = new ArrayList<>();
        Money rate = Money.ZERO;
        Money spent = claims.spent();
        Money reserved = claims.spent();
        for (Claim claim : claims.open()) {
            instances.add(instance(
                    claim,
                    Optional.ofNullable(byClaim.get(claim.id().value())),
                    now,
                    Optional.ofNullable(fleet.reports().get(claim.id()))
                            .map(JoinReport::text)
                            .orElse("")));
            rate = rate.plus(claim.pool().perHour());
            spent = spent.plus(claim.costBy(now));
            reserved = reserved.plus(claim.committed(now));
        }
        Core.Statistics work = process.statistics();
        return new Status(
                ProcessHandle.current().pid(),
                text(process.since()),
                process.clouds(),
                new Status.Work(process.drivers(), work.done(), work.running(), work.waiting(), work.slots()),
                new Status.Money(
                        rate.toString(),
                        cents(spent),
                        cents(reserved),
                        settings.limits().budget().toString()),
                instances,
                pools(settings, claims),
                round.plan().waiting().stream()
                        .map(it -> waits(it, round.troubles()))
                        .toList(),
                Stream.concat(
                                round.troubles().stream()
                                        .map(it -> new Status.Trouble(
                                                it.cloud(),
                                                it.what(),
                                                it.problem().text())),
                                more.stream())
                        .toList(),
                process.problem());
    }

    private static Status.Instance instance(
            Claim claim, Optional<Instances.InstanceView> worker, Instant now, String joining) {
        return new Status.Instance(
                claim.id().value(),
                claim.pool().name(),
                claim.pool().machine().cloud(),
                claim.pool().machine().type(),
                claim.pool().machine().zone(),
                claim.state().instanceId().map(it -> it.value()).orElse(""),
                state(claim.state()),
                why(claim.state()),
                text(since(claim)),
                text(claim.at()),
                text(claim.until()),
                claim.pool().size().cores(),
                claim.pool().perHour().toString(),
                claim.pool().price().spot(),
                cents(claim.costBy(now)),
                worker.map(Instances.InstanceView::done).orElse(0L),
                worker.map(Instances.InstanceView::running).orElse(0),
                worker.map(Instances.InstanceView::connected).orElse(false),
                joining);
    }

    /// Amounts that are sums have more digits than anybody wants to see.
    static String cents(Money money) {
        long tenthsOfACent = Math.ceilDiv(money.micros(), 1000);
        return new Money(tenthsOfACent * 1000).toString();
    }

    static String text(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String state(ClaimState state) {
        return switch (state) {
            case ClaimState.Requested _ -> "requested";
            case ClaimState.Booting _ -> "booting";
            case ClaimState.Working _ -> "working";
            case ClaimState.Draining _ -> "draining";
            case ClaimState.Terminating _ -> "terminating";
            case ClaimState.Gone _ -> "gone";
        };
    }

    private static String why(ClaimState state) {
        return switch (state) {
            case ClaimState.Requested _, ClaimState.Booting _, ClaimState.Working _ -> "";
            case ClaimState.Draining it -> it.why().toString();
            case ClaimState.Terminating it -> it.why().toString();
            case ClaimState.Gone it -> it.why().toString();
        };
    }

    private static Instant since(Claim claim) {
        return switch (claim.state()) {
            case ClaimState.Requested it -> it.asked();
            case ClaimState.Booting it -> it.since();
            case ClaimState.Working it -> it.since();
            case ClaimState.Draining it -> it.since();
            case ClaimState.Terminating it -> it.since();
            case ClaimState.Gone it -> it.at();
        };
    }

    /// Those of the settings in their order, then others that something is known of.
    private static List<Status.Pool> pools(Settings settings, Claims claims) {
        Map<String, PoolState> states = new TreeMap<>(claims.pools());
        List<Status.Pool> result = new ArrayList<>();
        settings.pools()
                .forEach(pool -> result.add(
                        pool(pool.name(), pool.machine().cloud(), Optional.ofNullable(states.remove(pool.name())))));
        states.forEach((name, state) -> {
            if (!(state instanceof PoolState.Healthy)) {
                result.add(pool(name, "", Optional.of(state)));
            }
        });
        return result;
    }

    private static Status.Pool pool(String name, String cloud, Optional<PoolState> state) {
        return switch (state.orElse(new PoolState.Healthy())) {
            case PoolState.Healthy _ -> new Status.Pool(name, cloud, "healthy", "", "");
            case PoolState.BackingOff it -> new Status.Pool(name, cloud, "resting", it.reason(), text(it.retry()));
            case PoolState.Paused it -> new Status.Pool(name, cloud, "paused", it.reason(), "");
        };
    }

    private static Status.Waits waits(Waiting waiting, List<Trouble> troubles) {
        return new Status.Waits(waiting.slots(), needs(waiting.needs()), Words.of(waiting.reason(), troubles));
    }

    private static String needs(Resources needs) {
        List<String> words = new ArrayList<>();
        words.add(needs.cores() == 1 ? "1 core" : needs.cores() + " cores");
        if (needs.memory() > 0) {
            words.add(Words.memory(needs.memory()));
        }
        if (needs.gpus() > 0) {
            words.add(needs.gpus() == 1 ? "1 gpu" : needs.gpus() + " gpus");
        }
        return String.join(", ", words);
    }
}
