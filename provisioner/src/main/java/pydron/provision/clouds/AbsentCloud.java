package pydron.provision.clouds;

import pydron.provision.cloud.Cloud;
import pydron.provision.cloud.Launch;
import pydron.provision.cloud.LaunchRequest;
import pydron.provision.cloud.Listing;
import pydron.provision.cloud.Removal;
import pydron.provision.model.Problem;
import pydron.provision.model.Thing;

/// A cloud that instances are known in and that cannot be asked: it was taken out of the settings while they
/// ran. What it is asked, nobody knows the answer to, so nothing there is ever taken for gone.
public final class AbsentCloud implements Cloud {
    private final String name;
    private final Problem problem;

    /// @param why it cannot be asked
    public AbsentCloud(String name, String why) {
        this.name = name;
        this.problem = new Problem.Unauthorized(why);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean honoursTokens() {
        return false;
    }

    @Override
    public Launch start(LaunchRequest request) {
        return new Launch.Failed(problem);
    }

    @Override
    public Listing list() {
        return new Listing.Failed(problem);
    }

    @Override
    public Removal remove(Thing.Kind kind, String id) {
        return new Removal.Failed(problem);
    }
}
