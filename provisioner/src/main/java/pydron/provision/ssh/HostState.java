package pydron.provision.ssh;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import pydron.provision.join.Destination;
import pydron.provision.model.Problem;

/// What a host has answered.
sealed interface HostState {
    Destination host();

    /// @param facts what `host.sh` has printed, one value for each key
    record Known(Destination host, Map<String, String> facts, List<String> pythons) implements HostState {
        boolean taken() {
            return facts.containsKey("taken");
        }

        /// Whether it serves this claim of this installation.
        boolean serves(String installation, String claim) {
            return ours(installation) && claim.equals(facts.get("claim"));
        }

        boolean ours(String installation) {
            return taken() && installation.equals(facts.get("installation"));
        }

        long number(String key) {
            String text = facts.getOrDefault(key, "");
            return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
        }
    }

    /// @param problem `Unauthorized` where it does not let us in
    /// @param sure nothing has happened there
    record Silent(Destination host, Problem problem, boolean sure) implements HostState {}

    static Optional<Known> read(Destination host, String output) {
        Map<String, String> facts = new LinkedHashMap<>();
        TreeSet<String> pythons = new TreeSet<>();
        for (String line : output.split("\n")) {
            int at = line.indexOf('=');
            if (at > 0 && line.startsWith("python=")) {
                pythons.add(line.substring(at + 1));
            } else if (at > 0) {
                facts.put(line.substring(0, at), line.substring(at + 1));
            }
        }
        return facts.containsKey("end")
                ? Optional.of(new Known(host, Map.copyOf(facts), List.copyOf(pythons)))
                : Optional.empty();
    }
}
