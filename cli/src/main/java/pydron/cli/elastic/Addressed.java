package pydron.cli.elastic;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import pydron.provision.cloud.Cloud;
import pydron.provision.cloud.Launch;
import pydron.provision.cloud.LaunchRequest;
import pydron.provision.cloud.Listing;
import pydron.provision.cloud.Removal;
import pydron.provision.model.ClaimId;
import pydron.provision.model.Thing;

/// A cloud whose lists are read twice: by the provisioner, and by who has to reach the instances.
final class Addressed implements Cloud {
    private final Cloud cloud;
    private volatile Map<ClaimId, List<String>> addresses = Map.of();

    Addressed(Cloud cloud) {
        this.cloud = cloud;
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
        return cloud.start(request);
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
}
