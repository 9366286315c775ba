package pydron.service;

import java.util.Objects;

/// How workers on other machines reach the scheduler: TLS on a loopback port, to which tunnels lead, and on the doors
/// that [SchedulerService#open] opens.
///
/// @param port of loopback, 0 for any
/// @param identity shown on loopback
/// @param authority who has issued the certificates of all workers, PEM
public record RemoteAccess(int port, ServerIdentity identity, String authority, Admission admission) {
    public RemoteAccess {
        Objects.requireNonNull(identity);
        Objects.requireNonNull(authority);
        Objects.requireNonNull(admission);
    }
}
