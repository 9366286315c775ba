package pydron.provision.aws;

import java.util.Objects;
import pydron.provision.model.Problem;

/// A call to AWS that did not do what it was to do. Stays within the adapter, which makes an answer of it.
public final class AwsFailure extends RuntimeException {
    private final transient Problem problem;

    public AwsFailure(Problem problem) {
        super(problem.text());
        this.problem = Objects.requireNonNull(problem);
    }

    AwsFailure(Problem problem, Throwable cause) {
        super(problem.text(), cause);
        this.problem = Objects.requireNonNull(problem);
    }

    public Problem problem() {
        return problem;
    }
}
