package pydron.provision.model;

import java.util.Objects;

/// What a cloud calls one of its instances.
public record InstanceId(String value) {
    public InstanceId {
        Objects.requireNonNull(value);
    }

    @Override
    public String toString() {
        return value;
    }
}
