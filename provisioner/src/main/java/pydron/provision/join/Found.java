package pydron.provision.join;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is on a machine, as `probe.sh` says.
///
/// @param arch as `uname -m` calls it
/// @param claimed the user data has come as far as the claim's folder
/// @param bundles the folders of the bundles that were asked for, by hash
/// @param pythons version ("3.11.2") to executable, in order of preference
/// @param worker a worker of the claim runs
/// @param state what the worker said last, or nothing
/// @param freeKilobytes in the user's home; -1 when it is not known
record Found(
        String arch,
        boolean claimed,
        Map<String, String> bundles,
        Map<String, String> pythons,
        boolean worker,
        String state,
        long freeKilobytes) {
    Found {
        bundles = Map.copyOf(bundles);
    }

    /// Empty when the answer is not whole.
    static Optional<Found> of(String output) {
        Map<String, String> single = new LinkedHashMap<>();
        Map<String, String> bundles = new LinkedHashMap<>();
        Map<String, String> pythons = new LinkedHashMap<>();
        for (String line : output.split("\n")) {
            int at = line.indexOf('=');
            if (at < 0) {
                continue;
            }
            String key = line.substring(0, at);
            String value = line.substring(at + 1);
            int blank = value.indexOf(' ');
            switch (key) {
                case "bundle" ->
                    bundles.putIfAbsent(value.substring(0, Math.max(0, blank)), value.substring(blank + 1));
                case "python" ->
                    pythons.putIfAbsent(value.substring(0, Math.max(0, blank)), value.substring(blank + 1));
                default -> single.put(key, value);
            }
        }
        if (!single.containsKey("end") || !single.containsKey("arch")) {
            return Optional.empty();
        }
        String free = single.getOrDefault("free", "");
        return Optional.of(new Found(
                single.get("arch"),
                single.containsKey("claim"),
                bundles,
                pythons,
                single.containsKey("worker"),
                single.getOrDefault("state", ""),
                free.matches("[0-9]{1,15}") ? Long.parseLong(free) : -1));
    }

    /// The executable to use: of the wanted version, or else the first that is new enough.
    Optional<String> python(Optional<String> wanted) {
        List<String> fit = new ArrayList<>();
        pythons.forEach((version, executable) -> {
            String[] parts = version.split("\\.");
            boolean recent = parts.length >= 2
                    && parts[0].equals("3")
                    && parts[1].matches("[0-9]{1,3}")
                    && Integer.parseInt(parts[1]) >= 9;
            if (recent && wanted.map(it -> it.equals(parts[0] + "." + parts[1])).orElse(true)) {
                fit.add(executable);
            }
        });
        return fit.stream().findFirst();
    }
}
