package pydron.provision.join;

import java.util.List;

/// Why `ssh` did not get through, told from what it has written.
enum Trouble {
    /// Nobody answers: it may still boot.
    UNREACHABLE(
            "Connection refused",
            "timed out",
            "No route to host",
            "Network is unreachable",
            "Connection closed",
            "Connection reset",
            "Could not resolve",
            "Name or service not known",
            "kex_exchange_identification",
            "banner exchange"),
    /// Another key than expected: the user data has not run yet, or it is not our machine.
    HOST_KEY("Host key verification failed", "IDENTIFICATION HAS CHANGED", "host key is known", "no matching host key"),
    /// It does not let us in.
    KEY("Permission denied", "Too many authentication failures"),
    /// It lets us in, and allows no tunnel.
    FORWARD("forwarding failed", "forwarding request failed", "administratively prohibited"),
    OTHER();

    private final List<String> words;

    Trouble(String... words) {
        this.words = List.of(words);
    }

    static Trouble of(String text) {
        // A changed host key says much more, about passwords for instance.
        for (Trouble trouble : List.of(HOST_KEY, KEY, FORWARD, UNREACHABLE)) {
            if (trouble.words.stream().anyMatch(text::contains)) {
                return trouble;
            }
        }
        return OTHER;
    }
}
