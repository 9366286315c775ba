package pydron.cli.elastic;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import pydron.provision.claims.Change;
import pydron.provision.claims.Claims;
import pydron.provision.model.Claim;
import pydron.provision.model.Money;
import pydron.provision.model.PoolState;

/// Claims that several threads read: whoever decides whether a worker may join asks while a round writes.
final class SharedClaims implements Claims {
    private final Claims claims;

    SharedClaims(Claims claims) {
        this.claims = claims;
    }

    @Override
    public synchronized List<Claim> open() {
        return claims.open();
    }

    @Override
    public synchronized Money spent() {
        return claims.spent();
    }

    @Override
    public synchronized Map<String, PoolState> pools() {
        return claims.pools();
    }

    @Override
    public synchronized Instant tick() {
        return claims.tick();
    }

    @Override
    public synchronized void write(List<Change> changes) {
        claims.write(changes);
    }

    @Override
    public synchronized void close() {
        claims.close();
    }
}
