package pydron.service;

import java.util.Objects;

/// What the scheduler shows to workers on other machines.
///
/// @param certificate of the scheduler, PEM
/// @param key of it, PKCS #8 PEM
public record ServerIdentity(String certificate, String key) {
    public ServerIdentity {
        Objects.requireNonNull(certificate);
        Objects.requireNonNull(key);
    }

    /// The key is not for logs.
    @Override
    public String toString() {
        return "ServerIdentity[]";
    }
}
