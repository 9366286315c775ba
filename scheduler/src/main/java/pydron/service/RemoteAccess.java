package pydron.service;

import java.util.Objects;
import java.util.Set;

/// How workers on other machines reach the scheduler: TLS on a loopback port, to which tunnels lead, and on the doors
/// that [SchedulerService#open] opens.
///
/// @param port of loopback, 0 for any
/// @param identity shown on loopback
/// @param builds of the workers that may join ([pydron.wire.Build]); empty: any
/// @param authority who has issued the certificates of all workers, PEM
public record RemoteAccess(
        int port, ServerIdentity identity, Set<String> builds, String authority, Admission admission) {
    public RemoteAccess {
        Objects.requireNonNull(identity);
        builds = Set.copyOf(builds);
        Objects.requireNonNull(authority);
        Objects.requireNonNull(admission);
    }
}
