package pydron.cli.elastic;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import pydron.cli.CommandFailure;
import pydron.provision.apply.Bootstrap;
import pydron.provision.apply.Outside;
import pydron.provision.apply.Provisioner;
import pydron.provision.apply.Round;
import pydron.provision.apply.Timekeeper;
import pydron.provision.apply.Workers;
import pydron.provision.claims.Claims;
import pydron.provision.cloud.Cloud;
import pydron.provision.clouds.AbsentCloud;
import pydron.provision.clouds.Clouds;
import pydron.provision.clouds.Installation;
import pydron.provision.join.Staging;
import pydron.provision.join.Ways;
import pydron.provision.model.Address;
import pydron.provision.model.Claim;
import pydron.provision.model.ClaimId;
import pydron.provision.plan.Demand;
import pydron.provision.plan.Graces;
import pydron.provision.plan.Planner;
import pydron.provision.plan.Policy;
import pydron.provision.plan.Rules;
import pydron.provision.settings.CloudSettings;
import pydron.provision.settings.Settings;

/// The provisioner with the settings as they are now. One thread makes rounds; what others want is remembered for the
/// next one.
final class Rounds implements Ways {
    private static final Logger LOG = LoggerFactory.getLogger(Rounds.class);
    private static final Duration AT_ONCE = Duration.ofSeconds(1);

    /// What the provisioner is given by the service.
    ///
    /// @param obstacle what makes instances of a cloud of other machines useless; empty when nothing does
    record Parts(
            Installation installation,
            Claims claims,
            Workers workers,
            Bootstrap bootstrap,
            Function<CloudSettings, String> obstacle) {}

    private final Parts parts;
    private final SettingsFile file;
    private final Timekeeper time;
    private final Set<String> resumed = ConcurrentHashMap.newKeySet();
    private volatile Settings settings;
    private volatile String problem = "";
    private volatile boolean closing;
    private volatile boolean hurried;
    private Map<String, CloudSettings> opened = Map.of();
    private volatile Map<String, Addressed> clouds = Map.of();
    private volatile Provisioner provisioner;
    private volatile Map<ClaimId, Address> direct = Map.of();

    /// @throws CommandFailure the settings have mistakes
    Rounds(Parts parts, SettingsFile file) {
        this.parts = parts;
        this.file = file;
        time = new Timekeeper(parts.claims(), Instant.now(), System::nanoTime);
        settings = file.read();
        assemble();
    }

    Settings settings() {
        return settings;
    }

    /// What is wrong with the settings as they are now; those of before are in use then.
    String problem() {
        return problem;
    }

    Instant now() {
        return time.now();
    }

    /// A pool is tried again with the next round.
    void resume(String pool) {
        resumed.add(pool);
    }

    /// Everything is to end.
    ///
    /// @param atOnce without waiting for tasks
    void end(boolean atOnce) {
        closing = true;
        hurried |= atOnce;
    }

    void goOn() {
        closing = false;
        hurried = false;
    }

    boolean closing() {
        return closing;
    }

    boolean admits(ClaimId claim) {
        return provisioner.admits(claim);
    }

    List<Cloud> clouds() {
        return List.copyOf(clouds.values());
    }

    /// @param on the clouds that may start instances
    Round round(Demand demand, Set<String> on) {
        reload();
        for (String pool : List.copyOf(resumed)) {
            resumed.remove(pool);
            provisioner.resume(pool);
        }
        Round round = provisioner.round(policy(on), demand);
        direct = directs();
        return round;
    }

    private Policy policy(Set<String> on) {
        Rules rules = hurried ? hurry(settings.rules()) : settings.rules();
        return new Policy(
                settings.limits(),
                settings.scaling(),
                rules,
                settings.pools().stream()
                        .filter(it -> on.contains(it.machine().cloud()))
                        .toList(),
                closing);
    }

    private static Rules hurry(Rules rules) {
        Graces graces = rules.graces();
        return new Rules(
                new Graces(
                        graces.join(), graces.missing(), graces.stray(), Duration.ZERO, Duration.ZERO, graces.again()),
                rules.backOff(),
                rules.lease(),
                AT_ONCE);
    }

    private void reload() {
        refresh();
        if (!settings.clouds().equals(opened)) {
            assemble();
        }
    }

    /// Reads the settings if they have changed.
    synchronized void refresh() {
        if (file.changed()) {
            try {
                settings = file.read();
                problem = "";
                LOG.info("settings={} read again", file.path());
            } catch (CommandFailure e) {
                problem = e.getMessage() + ": " + String.join("; ", e.advice());
                LOG.warn("settings={} not taken over: {}", file.path(), problem);
            }
        }
    }

    /// Clouds that are in use and in no settings any more can do nothing but be told so.
    private void assemble() {
        Map<String, Addressed> now = new TreeMap<>();
        settings.clouds().forEach((name, cloud) -> now.put(name, open(name, cloud)));
        Set<String> used = new TreeSet<>();
        for (Claim claim : parts.claims().open()) {
            used.add(claim.pool().machine().cloud());
        }
        used.removeAll(now.keySet());
        for (String name : used) {
            now.put(
                    name,
                    clouds.containsKey(name)
                            ? clouds.get(name)
                            : new Addressed(new AbsentCloud(name, "it is in no settings")));
        }
        opened = settings.clouds();
        clouds = now;
        provisioner = new Provisioner(
                parts.claims(),
                new Outside(new ArrayList<>(now.values()), parts.workers(), parts.bootstrap(), Rounds::newClaim),
                Planner::plan,
                time);
    }

    private Addressed open(String name, CloudSettings cloud) {
        CloudSettings before = opened.get(name);
        if (cloud.equals(before) && clouds.containsKey(name)) {
            return clouds.get(name);
        }
        try {
            boolean here = cloud instanceof CloudSettings.Local;
            Supplier<String> obstacle = here ? () -> "" : () -> parts.obstacle().apply(cloud);
            return new Addressed(Clouds.open(cloud, name, parts.installation()), obstacle);
        } catch (Clouds.Unsupported e) {
            return new Addressed(new AbsentCloud(name, e.getMessage()));
        }
    }

    private static ClaimId newClaim() {
        return new ClaimId("c-" + UUID.randomUUID().toString().substring(0, 18));
    }

    /// Whether a cloud has machines of its own.
    boolean elsewhere(String cloud) {
        return settings.clouds().get(cloud) instanceof CloudSettings known && !(known instanceof CloudSettings.Local);
    }

    /// Whether a claim's instance is a process on this machine.
    boolean local(Claim claim) {
        return settings.clouds().get(claim.pool().machine().cloud()) instanceof CloudSettings.Local;
    }

    @Override
    public Optional<Staging> staging(ClaimId id) {
        return cloud(id).flatMap(it -> Optional.ofNullable(clouds.get(it))).flatMap(Addressed::staging);
    }

    /// As of the last round: each instance asks every few seconds.
    @Override
    public Optional<Address> direct(ClaimId id) {
        return Optional.ofNullable(direct.get(id));
    }

    private Map<ClaimId, Address> directs() {
        Map<ClaimId, Address> result = new HashMap<>();
        if (!doors().isEmpty()) {
            for (Claim claim : parts.claims().open()) {
                Optional.ofNullable(settings.clouds().get(claim.pool().machine().cloud()))
                        .flatMap(CloudSettings::direct)
                        .ifPresent(it -> result.put(claim.id(), it.address()));
            }
        }
        return result;
    }

    private Optional<String> cloud(ClaimId id) {
        return parts.claims().open().stream()
                .filter(it -> it.id().equals(id))
                .findFirst()
                .map(it -> it.pool().machine().cloud());
    }

    /// Where workers may come in without a tunnel.
    Set<CloudSettings.Direct> doors() {
        return settings.clouds().values().stream()
                .flatMap(it -> it.direct().stream())
                .collect(Collectors.toSet());
    }

    /// Where instances can be reached.
    Map<ClaimId, List<String>> addresses() {
        Map<ClaimId, List<String>> all = new TreeMap<>();
        clouds.values().forEach(it -> all.putAll(it.addresses()));
        return all;
    }

    /// Names of claims whose instances are not known to be gone.
    Set<ClaimId> open() {
        Set<ClaimId> result = new HashSet<>();
        parts.claims().open().forEach(it -> result.add(it.id()));
        return result;
    }
}
