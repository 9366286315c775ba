package pydron.provision.claims;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import pydron.provision.model.Claim;
import pydron.provision.model.ClaimId;
import pydron.provision.model.ClaimState;
import pydron.provision.model.Money;
import pydron.provision.model.PoolState;

/// Claims that outlive the service of a simulation, and nothing else.
public final class MemoryClaims implements Claims {
    private final TreeMap<ClaimId, Claim> open = new TreeMap<>();
    private final TreeMap<ClaimId, Money> closed = new TreeMap<>();
    private final TreeMap<String, PoolState> pools = new TreeMap<>();
    private Money spent = Money.ZERO;
    private Instant tick = Instant.MIN;

    @Override
    public List<Claim> open() {
        return List.copyOf(open.values());
    }

    @Override
    public Money spent() {
        return spent;
    }

    @Override
    public Map<String, PoolState> pools() {
        return new TreeMap<>(pools);
    }

    @Override
    public Instant tick() {
        return tick;
    }

    @Override
    public void write(List<Change> changes) {
        for (Change change : changes) {
            switch (change) {
                case Change.Put put -> put(put.claim());
                case Change.SetPool set -> pools.put(set.pool(), set.state());
                case Change.Tick next -> tick = next.at();
            }
        }
    }

    private void put(Claim claim) {
        if (claim.state() instanceof ClaimState.Gone gone) {
            open.remove(claim.id());
            Money before = closed.put(claim.id(), gone.cost());
            spent = spent.plus(gone.cost()).minus(before == null ? Money.ZERO : before);
        } else {
            open.put(claim.id(), claim);
        }
    }

    @Override
    public void close() {}
}
