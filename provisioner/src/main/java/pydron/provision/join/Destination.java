package pydron.provision.join;

import java.net.URI;
import java.util.Optional;

/// Where `ssh` is to connect.
///
/// @param host without the brackets of an IPv6 address
/// @param planted the machine runs our user data: its host key and its user are ours. Otherwise it is a
///     host of the user's own, whose key `ssh` must know already
public record Destination(Optional<String> user, String host, Optional<Integer> port, boolean planted) {
    public static final String SCHEME = "ssh://";

    public Destination {
        // What begins with a dash would be an option, and worse.
        if (!host.matches("[A-Za-z0-9_.:%][A-Za-z0-9_.:%-]*")
                || user.filter(it -> !isName(it)).isPresent()) {
            throw new IllegalArgumentException("'" + host + "' is no host to connect to");
        }
    }

    private static boolean isName(String text) {
        return text.matches("[A-Za-z0-9_.][A-Za-z0-9_.@-]*");
    }

    /// Of an address as in `Thing`.
    static Destination of(String address) {
        return address.startsWith(SCHEME)
                ? hosted(address.substring(SCHEME.length()))
                : new Destination(Optional.empty(), address, Optional.empty(), true);
    }

    /// `[user@]host[:port]`, the host perhaps a name of the user's ssh configuration.
    ///
    /// @throws IllegalArgumentException in words for the user
    public static Destination hosted(String text) {
        URI uri;
        try {
            uri = URI.create(SCHEME + text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + text + "' is not of the form [USER@]HOST[:PORT]", e);
        }
        int at = text.lastIndexOf('@');
        String rest = text.substring(at + 1);
        Optional<String> user = at < 0 ? Optional.empty() : Optional.of(text.substring(0, at));
        if (uri.getHost() != null && uri.getPort() != -1) {
            String host = uri.getHost().replace("[", "").replace("]", "");
            if (uri.getPort() < 1 || uri.getPort() > 65_535) {
                throw new IllegalArgumentException("'" + text + "': there is no port " + uri.getPort());
            }
            return new Destination(user, host, Optional.of(uri.getPort()), false);
        }
        if (!rest.matches("[A-Za-z0-9_.\\[\\]:%-]+")
                || user.filter(it -> !isName(it)).isPresent()) {
            throw new IllegalArgumentException("'" + text + "' is not of the form [USER@]HOST[:PORT]");
        }
        return new Destination(user, rest.replace("[", "").replace("]", ""), Optional.empty(), false);
    }

    @Override
    public String toString() {
        return user.map(it -> it + "@").orElse("")
                + host
                + port.map(it -> ":" + it).orElse("");
    }
}
