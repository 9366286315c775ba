package pydron.provision.plan;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import pydron.provision.model.Claim;
import pydron.provision.model.Money;
import pydron.provision.model.Pool;
import pydron.provision.model.Thing;

/// What is in use of the limits, the plan so far included. A claim counts from before its call until the
/// cloud says that its instance is gone, with the money until the end of its lease.
final class Books {
    private final Limits limits;
    private int instances;
    private int cores;
    private Money perHour = Money.ZERO;
    private Money committed;

    Books(Limits limits, Inventory inventory, Instant now) {
        this.limits = limits;
        committed = inventory.spent();
        for (Holding holding : inventory.holdings()) {
            Claim claim = holding.claim();
            count(claim.pool().size().cores(), claim.pool().perHour());
            committed = committed.plus(claim.committed(now));
        }
        for (Stray stray : inventory.strays()) {
            Thing thing = stray.thing();
            if (thing.kind() == Thing.Kind.INSTANCE && thing.life() == Thing.Life.ALIVE) {
                count(thing.footprint().cores(), thing.footprint().perHour());
            }
        }
    }

    private void count(int more, Money rate) {
        instances++;
        cores += more;
        perHour = perHour.plus(rate);
    }

    /// How many more instances of a pool may be started.
    int room(Pool pool, Duration lease) {
        return Math.max(
                0,
                Math.min(
                        Math.min(
                                limits.instances() - instances,
                                (limits.cores() - cores) / pool.size().cores()),
                        Math.min(
                                limits.perHour().minus(perHour).covers(pool.perHour()),
                                left().covers(pool.perHour().during(lease)))));
    }

    /// The first limit that does not allow one more.
    Optional<Waiting.Limit> limit(Pool pool, Duration lease) {
        if (instances >= limits.instances()) {
            return Optional.of(Waiting.Limit.INSTANCES);
        } else if (limits.cores() - cores < pool.size().cores()) {
            return Optional.of(Waiting.Limit.CORES);
        } else if (limits.perHour().minus(perHour).covers(pool.perHour()) < 1) {
            return Optional.of(Waiting.Limit.PER_HOUR);
        } else if (left().covers(pool.perHour().during(lease)) < 1) {
            return Optional.of(Waiting.Limit.BUDGET);
        }
        return Optional.empty();
    }

    void start(Pool pool, Duration lease) {
        count(pool.size().cores(), pool.perHour());
        committed = committed.plus(pool.perHour().during(lease));
    }

    /// Sets the money aside for a longer lease, if it is there.
    boolean renew(Claim before, Claim after, Instant now) {
        Money more = after.committed(now).minus(before.committed(now));
        if (more.compareTo(Money.ZERO) > 0 && left().compareTo(more) < 0) {
            return false;
        }
        committed = committed.plus(more);
        return true;
    }

    private Money left() {
        return limits.budget().minus(committed);
    }
}
