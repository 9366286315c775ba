package pydron.provision.join;

import java.util.Objects;

/// What one side of a TLS connection shows, and whom it believes. PEM texts, the key as PKCS #8.
public record TlsIdentity(String certificate, String key, String authority) {
    public TlsIdentity {
        Objects.requireNonNull(certificate);
        Objects.requireNonNull(key);
        Objects.requireNonNull(authority);
    }

    /// The key is not for logs.
    @Override
    public String toString() {
        return "TlsIdentity[]";
    }
}
