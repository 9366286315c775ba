package pydron.provision.join;

import java.util.List;
import java.util.Map;
import pydron.provision.model.ClaimId;

/// Keeps a connection to each instance, brings what a worker needs, and keeps the worker running there.
public interface Tunnels extends AutoCloseable {
    /// The claims that are to have a worker: booting, working and draining ones. To be said again
    /// whenever it may have changed; the tunnel of a claim that is no longer in it is ended. Returns at
    /// once.
    ///
    /// @param addresses where each can be reached, as in `Thing`: a host name or address for a machine
    ///     that runs our user data, `ssh://[user@]host[:port]` for a host of the user's own; may be
    ///     empty as long as it is not known
    void reach(Map<ClaimId, List<String>> addresses);

    /// How far each is.
    Map<ClaimId, JoinReport> reports();

    /// Ends all tunnels. The workers stay where they are, and are found again.
    @Override
    void close();
}
