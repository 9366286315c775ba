package pydron.provision.jclouds;

import java.util.List;
import java.util.Objects;

/// What all instances on one OpenStack have in common.
///
/// @param image by name or identity; of several with one name, the newest is used; empty: the newest Debian
/// @param keyPair that the image's own user gets, by name; empty: none
/// @param configDrive whether user data comes on a drive, for clouds without a metadata service
public record NovaOptions(String image, Network network, String keyPair, boolean configDrive) {
    public static final NovaOptions DEFAULT = new NovaOptions("", Network.ANY, "", false);

    /// @param networks by name or identity; empty: the cloud's only one
    /// @param securityGroups by name or identity; empty: the project's `default`
    /// @param floating the network that each instance gets a public address of; empty: none
    public record Network(List<String> networks, List<String> securityGroups, String floating) {
        public static final Network ANY = new Network(List.of(), List.of(), "");

        public Network {
            networks = List.copyOf(networks);
            securityGroups = List.copyOf(securityGroups);
            Objects.requireNonNull(floating);
        }
    }

    public NovaOptions {
        Objects.requireNonNull(image);
        Objects.requireNonNull(network);
        Objects.requireNonNull(keyPair);
    }

    public static NovaOptions image(String image) {
        return new NovaOptions(image, Network.ANY, "", false);
    }

    NovaOptions with(Network other) {
        return new NovaOptions(image, other, keyPair, configDrive);
    }
}
