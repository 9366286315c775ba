package pydron.provision.openstack;

import java.util.Objects;
import pydron.provision.model.Problem;

/// Why an OpenStack did not do what it was asked to.
public final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Problem problem;

    public Failure(Problem problem) {
        super(problem.text());
        this.problem = Objects.requireNonNull(problem);
    }

    public Problem problem() {
        return problem;
    }
}
