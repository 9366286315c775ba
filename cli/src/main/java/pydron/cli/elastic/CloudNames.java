package pydron.cli.elastic;

import java.util.stream.Collectors;
import pydron.provision.model.Money;
import pydron.provision.settings.Settings;

/// Whether instances can be started on a cloud that a user has named, and what to do if not.
public final class CloudNames {
    private CloudNames() {}

    /// @throws IllegalArgumentException in words
    public static void check(Settings settings, String name) {
        if (!settings.clouds().containsKey(name)) {
            String known = settings.clouds().isEmpty()
                    ? "none is in the settings"
                    : settings.clouds().keySet().stream()
                            .map(it -> "'" + it + "'")
                            .collect(Collectors.joining(", ", "known are ", ""));
            throw new IllegalArgumentException(
                    "there is no cloud '" + name + "', " + known + "; 'pydron cloud add' adds one");
        }
        if (settings.pools().stream().noneMatch(it -> it.machine().cloud().equals(name))) {
            throw new IllegalArgumentException("cloud '" + name + "' has no pool: add a [[pool]] with cloud = \"" + name
                    + "\", or 'pydron cloud add' again");
        }
        var limits = settings.limits();
        if (limits.instances() == 0 || limits.cores() == 0) {
            throw new IllegalArgumentException("the limits allow no instance; 'pydron limits set --max-instances 4"
                    + " --max-cores 16 --max-per-hour 1 --budget 10' allows some");
        }
        boolean costs = settings.pools().stream()
                .filter(it -> it.machine().cloud().equals(name))
                .allMatch(it -> it.perHour().compareTo(Money.ZERO) > 0);
        if (costs && (limits.perHour().equals(Money.ZERO) || limits.budget().equals(Money.ZERO))) {
            throw new IllegalArgumentException(
                    "the limits allow no money; 'pydron limits set --max-per-hour 1 --budget 10' allows some");
        }
    }
}
