package pydron.provision.cloud;

import java.util.Objects;
import pydron.provision.model.Thing;

/// A cloud in front of another one: what a test does not change goes through.
public class ForwardingCloud implements Cloud {
    private final Cloud inner;

    protected ForwardingCloud(Cloud inner) {
        this.inner = Objects.requireNonNull(inner);
    }

    @Override
    public String name() {
        return inner.name();
    }

    @Override
    public boolean honoursTokens() {
        return inner.honoursTokens();
    }

    @Override
    public Launch start(LaunchRequest request) {
        return inner.start(request);
    }

    @Override
    public Listing list() {
        return inner.list();
    }

    @Override
    public Removal remove(Thing.Kind kind, String id) {
        return inner.remove(kind, id);
    }

    @Override
    public String console(String instance) {
        return inner.console(instance);
    }
}
