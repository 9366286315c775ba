package pydron.cli.elastic;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;
import pydron.provision.claims.Change;
import pydron.provision.claims.Claims;
import pydron.provision.claims.ClaimsUnavailable;
import pydron.provision.claims.SqliteClaims;
import pydron.provision.cloud.Cloud;
import pydron.provision.clouds.AbsentCloud;
import pydron.provision.clouds.Clouds;
import pydron.provision.clouds.Installation;
import pydron.provision.model.Claim;
import pydron.provision.model.ClaimId;
import pydron.provision.model.PoolState;
import pydron.provision.settings.Settings;

/// What can be known, and done, without a service: from the settings, the record of claims, and the clouds.
final class Offline {
    private Offline() {}

    private interface Reading<T> {
        T read(Claims claims);
    }

    private static <T> T claims(Places places, T otherwise, Reading<T> reading) {
        if (Files.notExists(places.claims())) {
            return otherwise;
        }
        try (SqliteClaims claims = new SqliteClaims(places.claims())) {
            return reading.read(claims);
        } catch (ClaimsUnavailable e) {
            throw new CommandFailure(ExitCode.FAILED, e.getMessage(), e);
        }
    }

    static boolean nothingOpen(Places places) {
        return claims(places, true, it -> it.open().isEmpty());
    }

    static String spent(Places places) {
        return claims(places, "0.00", it -> StatusWriter.cents(it.spent()));
    }

    /// As the service would say it, without workers.
    static Status status(Places places) {
        Settings settings = new SettingsFile(places.settings()).read();
        return claims(places, StatusWriter.without(settings), it -> StatusWriter.recorded(settings, it));
    }

    static Reaper.Result reap(Places places, boolean dry) {
        Settings settings = new SettingsFile(places.settings()).read();
        Installation installation = installation(places);
        Set<ClaimId> open =
                claims(places, Set.of(), it -> it.open().stream().map(Claim::id).collect(Collectors.toSet()));
        Map<String, Cloud> clouds = new TreeMap<>();
        settings.clouds().forEach((name, cloud) -> {
            try {
                clouds.put(name, Clouds.open(cloud, name, installation).cloud());
            } catch (Clouds.Unsupported e) {
                clouds.put(name, new AbsentCloud(name, e.getMessage()));
            }
        });
        return Reaper.reap(new ArrayList<>(clouds.values()), open, dry);
    }

    static Installation installation(Places places) {
        try {
            return Installation.open(places.made().state());
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "cannot use '" + places.state() + "': " + e.getMessage(), e);
        }
    }

    static void resume(Places places, String pool) {
        Settings settings = new SettingsFile(places.settings()).read();
        if (settings.pools().stream().noneMatch(it -> it.name().equals(pool))) {
            throw new CommandFailure(ExitCode.FAILED, "there is no pool '" + pool + "' in the settings");
        }
        claims(places, null, it -> {
            it.write(List.of(new Change.SetPool(pool, new PoolState.Healthy())));
            return null;
        });
    }

    static List<String> names(Settings settings) {
        return List.copyOf(settings.clouds().keySet());
    }
}
