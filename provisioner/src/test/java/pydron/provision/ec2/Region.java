package pydron.provision.ec2;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/// What there is in the region, and how it lives. All of it under this object's lock.
final class Region {
    enum State {
        PENDING(0, "pending"),
        RUNNING(16, "running"),
        SHUTTING_DOWN(32, "shutting-down"),
        TERMINATED(48, "terminated");

        final int code;
        final String text;

        State(int code, String text) {
            this.code = code;
            this.text = text;
        }
    }

    /// @param visible after so long lists show what is new
    /// @param notice between telling a spot instance and ending it
    record Times(Duration boot, Duration shutdown, Duration visible, Duration notice) {}

    static final class Instance {
        final String id;
        final Params params;
        final Catalogue.Type type;
        final String zone;
        final Instant created;
        final Instant visible;
        Map<String, String> tags;
        State state = State.PENDING;
        Instant since;
        String address = "";
        Instant interrupted = Instant.MAX;
        CompletableFuture<Void> guest = CompletableFuture.completedFuture(null);
        boolean booting;

        Instance(String id, Params params, Catalogue.Type type, String zone, Instant created, Instant visible) {
            this.id = id;
            this.params = params;
            this.type = type;
            this.zone = zone;
            this.created = created;
            this.since = created;
            this.visible = visible;
            this.tags = params.tags("instance");
        }

        boolean spot() {
            return params.get("InstanceMarketOptions.MarketType").equals("spot");
        }

        boolean over() {
            return state == State.SHUTTING_DOWN || state == State.TERMINATED;
        }
    }

    static final class Volume {
        final String id;
        final String zone;
        final Map<String, String> tags;
        String attached;
        final boolean deletedOnTermination;
        String status;

        Volume(String id, String zone, Map<String, String> tags, String attached, boolean deletedOnTermination) {
            this.id = id;
            this.zone = zone;
            this.tags = tags;
            this.attached = attached;
            this.deletedOnTermination = deletedOnTermination;
            this.status = attached.isEmpty() ? "available" : "in-use";
        }
    }

    /// A key pair or a security group.
    record Named(String id, String name, Map<String, String> tags) {}

    record Token(String params, String instance) {}

    final String name;
    final InstantSource clock;
    final Map<String, Instance> instances = new LinkedHashMap<>();
    final Map<String, Volume> volumes = new LinkedHashMap<>();
    final Map<String, Named> keys = new LinkedHashMap<>();
    final Map<String, Named> groups = new LinkedHashMap<>();
    final Map<String, Token> tokens = new LinkedHashMap<>();
    private final Executor guests = Executors.newVirtualThreadPerTaskExecutor();
    private final Hypervisor hypervisor;
    Times times = new Times(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ofMinutes(2));
    private long next = 0x0a1b2c3d4e5fL;

    Region(String name, InstantSource clock, Hypervisor hypervisor) {
        this.name = name;
        this.clock = clock;
        this.hypervisor = hypervisor;
        groups.put("sg-0123456789abcdef0", new Named("sg-0123456789abcdef0", "default", Map.of()));
    }

    String id(String prefix) {
        return prefix + "-%017x".formatted(next += 0x1357);
    }

    Instant now() {
        return clock.instant();
    }

    List<String> zones() {
        return List.of(name + "a", name + "b", name + "c");
    }

    /// Moves everything on to where it is by now.
    synchronized void tick() {
        Instant now = now();
        for (Instance instance : instances.values()) {
            if (!now.isBefore(instance.interrupted) && !instance.over()) {
                end(instance, now);
            }
            if (instance.state == State.PENDING && !instance.booting && passed(instance, times.boot(), now)) {
                boot(instance);
            } else if (instance.state == State.SHUTTING_DOWN
                    && instance.guest.isDone()
                    && passed(instance, times.shutdown(), now)) {
                instance.state = State.TERMINATED;
                instance.since = now;
                instance.address = "";
            }
        }
        volumes.values().removeIf(it -> {
            boolean over = !it.attached.isEmpty() && instances.get(it.attached).state == State.TERMINATED;
            if (over && !it.deletedOnTermination) {
                it.attached = "";
                it.status = "available";
            }
            return over && it.deletedOnTermination;
        });
    }

    private static boolean passed(Instance instance, Duration time, Instant now) {
        return !now.isBefore(instance.since.plus(time));
    }

    private void boot(Instance instance) {
        instance.booting = true;
        Hypervisor.Guest guest = new Hypervisor.Guest(
                instance.id,
                instance.type.name(),
                instance.params.get("ImageId"),
                instance.zone,
                Calls.userData(instance.params));
        instance.guest = instance.guest.thenRunAsync(
                () -> {
                    String address = hypervisor.running(guest);
                    synchronized (this) {
                        if (instance.state == State.PENDING) {
                            instance.state = State.RUNNING;
                            instance.since = now();
                            instance.address = address;
                        }
                    }
                },
                guests);
    }

    /// Also what a machine does that shuts itself down.
    synchronized void end(Instance instance, Instant now) {
        if (!instance.over()) {
            instance.state = State.SHUTTING_DOWN;
            instance.since = now;
            if (instance.booting) {
                instance.guest = instance.guest
                        .exceptionally(failed -> null)
                        .thenRunAsync(() -> hypervisor.terminated(instance.id), guests);
            }
        }
    }

    String console(String instance) {
        return hypervisor.console(instance);
    }

    synchronized void interrupt(Instance instance) {
        instance.interrupted = now().plus(times.notice());
        guests.execute(() -> hypervisor.interrupted(instance.id, instance.interrupted));
    }

    /// Of the quota that a type counts for.
    synchronized int cores(String bucket, boolean spot) {
        return instances.values().stream()
                .filter(it ->
                        !it.over() && it.spot() == spot && it.type.bucket().equals(bucket))
                .mapToInt(it -> it.type.cores())
                .sum();
    }
}
