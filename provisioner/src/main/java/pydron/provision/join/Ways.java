package pydron.provision.join;

import java.util.Optional;
import pydron.provision.model.Address;
import pydron.provision.model.ClaimId;

/// What an instance's cloud has beside ssh. Asked by threads of their own, again and again: settings may change.
public interface Ways {
    /// From where the instance fetches the worker; empty: it is brought.
    default Optional<Staging> staging(ClaimId claim) {
        return Optional.empty();
    }

    /// Where its worker connects to; empty: to the end of a tunnel.
    default Optional<Address> direct(ClaimId claim) {
        return Optional.empty();
    }

    Ways NONE = new Ways() {};
}
