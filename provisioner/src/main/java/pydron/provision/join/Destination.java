package pydron.provision.join;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/// Where `ssh` is to connect.
///
/// @param host without the brackets of an IPv6 address
/// @param planted the machine runs our user data: its host key and its user are ours. Otherwise it is a
///     host of the user's own, whose key `ssh` must know already
/// @param identity a private key, for a host of the user's own
/// @param config read instead of the user's ssh configuration
public record Destination(
        Optional<String> user,
        String host,
        Optional<Integer> port,
        boolean planted,
        Optional<Path> identity,
        Optional<Path> config) {
    public static final String SCHEME = "ssh://";
    private static final String IDENTITY = "identity=";
    private static final String CONFIG = "config=";

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
        if (!address.startsWith(SCHEME)) {
            return new Destination(
                    Optional.empty(), address, Optional.empty(), true, Optional.empty(), Optional.empty());
        }
        String[] parts = address.substring(SCHEME.length()).split(";");
        Destination plain = hosted(parts[0]);
        Optional<Path> identity = Optional.empty();
        Optional<Path> config = Optional.empty();
        for (String part : parts) {
            if (part.startsWith(IDENTITY)) {
                identity = Optional.of(Path.of(part.substring(IDENTITY.length())));
            } else if (part.startsWith(CONFIG)) {
                config = Optional.of(Path.of(part.substring(CONFIG.length())));
            }
        }
        return plain.with(identity, config);
    }

    /// As in `Thing`; [#of] reads it.
    public String address() {
        return SCHEME
                + this
                + identity.map(it -> ";" + IDENTITY + it).orElse("")
                + config.map(it -> ";" + CONFIG + it).orElse("");
    }

    public Destination with(Optional<Path> key, Optional<Path> configuration) {
        return new Destination(user, host, port, planted, key, configuration);
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
            return new Destination(user, host, Optional.of(uri.getPort()), false, Optional.empty(), Optional.empty());
        }
        if (!rest.matches("[A-Za-z0-9_.\\[\\]:%-]+")
                || user.filter(it -> !isName(it)).isPresent()) {
            throw new IllegalArgumentException("'" + text + "' is not of the form [USER@]HOST[:PORT]");
        }
        String host = rest.replace("[", "").replace("]", "");
        return new Destination(user, host, Optional.empty(), false, Optional.empty(), Optional.empty());
    }

    @Override
    public String toString() {
        return user.map(it -> it + "@").orElse("")
                + host
                + port.map(it -> ":" + it).orElse("");
    }
}
