package pydron.provision.model;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A port of a machine.
///
/// @param host a name or an address, an IPv6 one without brackets
public record Address(String host, int port) {
    private static final Pattern TEXT =
            Pattern.compile("([A-Za-z0-9][A-Za-z0-9.-]{0,252}|\\[[0-9A-Fa-f:.]{2,45}]):([0-9]{1,5})");

    public Address {
        if (host.isEmpty() || port < 1 || port > 65_535) {
            throw new IllegalArgumentException("'" + host + ":" + port + "' is no address");
        }
    }

    /// Of `HOST:PORT`, where an IPv6 address has brackets. Empty for anything else.
    public static Optional<Address> of(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int port = Integer.parseInt(matcher.group(2));
        String host = matcher.group(1).replace("[", "").replace("]", "");
        return port < 1 || port > 65_535 ? Optional.empty() : Optional.of(new Address(host, port));
    }

    /// As it is written.
    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
