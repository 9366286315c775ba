package pydron.cli.elastic;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import pydron.provision.cloud.Cloud;
import pydron.provision.cloud.Launch;
import pydron.provision.cloud.LaunchRequest;
import pydron.provision.cloud.Listing;
import pydron.provision.cloud.Removal;
import pydron.provision.clouds.AbsentCloud;
import pydron.provision.clouds.Clouds;
import pydron.provision.join.Staging;
import pydron.provision.model.ClaimId;
import pydron.provision.model.Problem;
import pydron.provision.model.Thing;

/// A cloud whose lists are read twice: by the provisioner, and by who has to reach the instances.
final class Addressed implements Cloud {
    private final Cloud cloud;
    private final Optional<Staging> staging;
    private final Supplier<String> obstacle;
    private volatile Map<ClaimId, List<String>> addresses = Map.of();

    /// @param obstacle asked before each start: what makes an instance useless; empty when nothing does
    Addressed(Clouds.Opened opened, Supplier<String> obstacle) {
        this(opened.cloud(), opened.staging(), obstacle);
    }

    /// One of which nothing is started.
    Addressed(AbsentCloud cloud) {
        this(cloud, Optional.empty(), () -> "");
    }

    private Addressed(Cloud cloud, Optional<Staging> staging, Supplier<String> obstacle) {
        this.cloud = cloud;
        this.staging = staging;
        this.obstacle = obstacle;
    }

    /// From where its instances fetch the worker.
    Optional<Staging> staging() {
        return staging;
    }

    /// Of the instances that are alive, as of the last list that could be had.
    Map<ClaimId, List<String>> addresses() {
        return addresses;
    }

    @Override
    public String name() {
        return cloud.name();
    }

    @Override
    public boolean honoursTokens() {
        return cloud.honoursTokens();
    }

    @Override
    public Launch start(LaunchRequest request) {
        String text = obstacle.get();
        return text.isEmpty() ? cloud.start(request) : new Launch.Failed(new Problem.Refused(text));
    }

    @Override
    public Listing list() {
        Listing listing = cloud.list();
        if (listing instanceof Listing.Seen seen) {
            Map<ClaimId, List<String>> now = new HashMap<>();
            for (Thing thing : seen.things()) {
                if (thing.kind() == Thing.Kind.INSTANCE && thing.life() == Thing.Life.ALIVE) {
                    thing.claim().ifPresent(it -> now.put(it, thing.addresses()));
                }
            }
            addresses = now;
        }
        return listing;
    }

    @Override
    public Removal remove(Thing.Kind kind, String id) {
        return cloud.remove(kind, id);
    }

    @Override
    public String console(String instance) {
        return cloud.console(instance);
    }
}
