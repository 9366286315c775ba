package pydron.provision.jclouds;

import java.util.List;
import java.util.Objects;

/// What all instances on one OpenStack have in common.
///
/// @param image by name or identity; of several with one name, the newest is used
/// @param networks by name or identity; empty: the cloud's only one
/// @param securityGroups by name or identity; empty: the project's `default`
/// @param keyPair that the image's own user gets, by name; empty: none
/// @param configDrive whether user data comes on a drive, for clouds without a metadata service
public record NovaOptions(
        String image, List<String> networks, List<String> securityGroups, String keyPair, boolean configDrive) {
    public NovaOptions {
        Objects.requireNonNull(image);
        networks = List.copyOf(networks);
        securityGroups = List.copyOf(securityGroups);
        Objects.requireNonNull(keyPair);
    }

    public static NovaOptions image(String image) {
        return new NovaOptions(image, List.of(), List.of(), "", false);
    }
}
