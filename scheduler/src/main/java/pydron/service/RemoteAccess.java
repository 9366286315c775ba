package pydron.service;

import java.util.Objects;

/// How workers on other machines reach the scheduler: TLS on a loopback port, to which tunnels lead.
///
/// @param port of loopback, 0 for any
/// @param certificate of the scheduler and of who issued it, PEM
/// @param key of the scheduler, PKCS #8 PEM
/// @param authority who has issued the certificates of all workers, PEM
public record RemoteAccess(int port, String certificate, String key, String authority, Admission admission) {
    public RemoteAccess {
        Objects.requireNonNull(certificate);
        Objects.requireNonNull(key);
        Objects.requireNonNull(authority);
        Objects.requireNonNull(admission);
    }

    /// The key is not for logs.
    @Override
    public String toString() {
        return "RemoteAccess[port=" + port + "]";
    }
}
