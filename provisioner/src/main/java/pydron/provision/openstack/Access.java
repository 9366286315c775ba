package pydron.provision.openstack;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Where an OpenStack is, and who asks.
///
/// @param origin where this was found, for messages: `cloud 'mylab' of /home/me/clouds.yaml`
/// @param identity the Identity service, ending in `/v3`
/// @param region empty when there is only one
/// @param certificates of the authorities that the services' certificates may be of; the system's without it
/// @param endpoints by kind of service, used instead of what the catalogue says
public record Access(
        String origin,
        URI identity,
        Credential credential,
        Place place,
        Optional<Path> certificates,
        Map<String, URI> endpoints) {

    /// @param face `public`, `internal` or `admin`
    public record Place(String region, String face) {
        public Place {
            Objects.requireNonNull(region);
            Objects.requireNonNull(face);
        }
    }

    public sealed interface Credential {
        /// In words, without secrets.
        String who();
    }

    /// Something by its identity, or by its name and that of its domain.
    public record Named(String id, String name, String domainId, String domainName) {
        public Named {
            Objects.requireNonNull(id);
            Objects.requireNonNull(name);
            Objects.requireNonNull(domainId);
            Objects.requireNonNull(domainName);
        }

        @Override
        public String toString() {
            if (!id.isEmpty()) {
                return "'" + id + "'";
            }
            return "'" + name + "' of domain '" + (domainId.isEmpty() ? domainName : domainId) + "'";
        }
    }

    public record Password(Named user, String password, Named project) implements Credential {
        public Password {
            Objects.requireNonNull(user);
            Objects.requireNonNull(password);
            Objects.requireNonNull(project);
        }

        @Override
        public String who() {
            return "user " + user + " with project " + project;
        }

        @Override
        public String toString() {
            return who();
        }
    }

    /// @param name with `user`, where there is no id
    public record ApplicationCredential(String id, String name, Optional<Named> user, String secret)
            implements Credential {
        public ApplicationCredential {
            Objects.requireNonNull(id);
            Objects.requireNonNull(name);
            Objects.requireNonNull(user);
            Objects.requireNonNull(secret);
        }

        @Override
        public String who() {
            return "application credential '" + (id.isEmpty() ? name : id) + "'";
        }

        @Override
        public String toString() {
            return who();
        }
    }

    public Access {
        Objects.requireNonNull(origin);
        Objects.requireNonNull(identity);
        Objects.requireNonNull(credential);
        Objects.requireNonNull(place);
        Objects.requireNonNull(certificates);
        endpoints = Map.copyOf(endpoints);
    }

    /// @param region empty: the same one
    Access inRegion(String region) {
        return region.isEmpty()
                ? this
                : new Access(origin, identity, credential, new Place(region, place.face()), certificates, endpoints);
    }
}
