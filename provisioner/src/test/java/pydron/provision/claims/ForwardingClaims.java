package pydron.provision.claims;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import pydron.provision.model.Claim;
import pydron.provision.model.Money;
import pydron.provision.model.PoolState;

/// A store in front of another one: what a test does not change goes through.
public class ForwardingClaims implements Claims {
    private final Claims inner;

    protected ForwardingClaims(Claims inner) {
        this.inner = Objects.requireNonNull(inner);
    }

    @Override
    public List<Claim> open() {
        return inner.open();
    }

    @Override
    public Money spent() {
        return inner.spent();
    }

    @Override
    public Map<String, PoolState> pools() {
        return inner.pools();
    }

    @Override
    public Instant tick() {
        return inner.tick();
    }

    @Override
    public void write(List<Change> changes) {
        inner.write(changes);
    }

    @Override
    public void close() {
        inner.close();
    }
}
