package pydron.provision.join;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import pydron.provision.apply.Bootstrap;
import pydron.provision.model.Claim;

/// What a new machine runs at its first boot: a shell script that needs nothing but a small Linux. It plants the key
/// by which the machine is known, lets the tunnel's key in, and starts the watchdog that ends the machine when
/// its lease is over, whether there is a worker or not. The worker comes later, by the tunnel.
public final class UserData implements Bootstrap {
    private final JoinKeys keys;
    private final String user;

    /// @param user as in [JoinOptions]
    public UserData(JoinKeys keys, String user) {
        this.keys = keys;
        this.user = user;
    }

    public UserData(JoinKeys keys) {
        this(keys, JoinOptions.USER);
    }

    @Override
    public String userData(Claim claim, Duration lease) {
        if (!claim.id().value().matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
            throw new IllegalArgumentException("claim '" + claim.id() + "' cannot be the name of a folder");
        }
        Map<String, String> values = new LinkedHashMap<>();
        values.put("CLAIM", claim.id().value());
        values.put("TOKEN", keys.token(claim.id()));
        values.put("LEASE", Long.toString(Math.max(0, lease.toSeconds())));
        values.put("USER", user);
        values.put("TUNNEL", keys.tunnelKeyPublic());
        values.put("HOST_KEY", keys.hostKey(claim.id()).strip());
        values.put("RECALLS", claim.pool().price().spot() ? "yes" : "");
        return Scripts.filled("user-data.sh", values);
    }
}
