package pydron.provision.model;

import java.util.Optional;

/// A port of a machine.
///
/// @param host a name or an address, an IPv6 one without brackets
public record Address(String host, int port) {
    private static final int LAST_PORT = 65_535;
    private static final String HOST = "[A-Za-z0-9][A-Za-z0-9.-]{0,252}|\\[[0-9A-Fa-f:.]{2,45}]";

    public Address {
        if (host.isEmpty() || port < 1 || port > LAST_PORT) {
            throw new IllegalArgumentException("'" + host + ":" + port + "' is no address");
        }
    }

    /// Of `HOST:PORT`, where an IPv6 address has brackets. Empty for anything else.
    public static Optional<Address> of(String text) {
        int colon = text.lastIndexOf(':');
        String host = text.substring(0, Math.max(0, colon));
        String port = text.substring(colon + 1);
        if (!host.matches(HOST) || !port.matches("[0-9]{1,5}")) {
            return Optional.empty();
        }
        int number = Integer.parseInt(port);
        return number < 1 || number > LAST_PORT
                ? Optional.empty()
                : Optional.of(new Address(host.replace("[", "").replace("]", ""), number));
    }

    /// As it is written.
    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
