package pydron.provision.claims;

/// The store cannot be used; the message says which file, and why.
public final class ClaimsUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ClaimsUnavailable(String message, Throwable cause) {
        super(message, cause);
    }
}
