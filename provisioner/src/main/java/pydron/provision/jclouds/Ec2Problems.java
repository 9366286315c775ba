package pydron.provision.jclouds;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.jclouds.aws.AWSResponseException;
import org.jclouds.aws.domain.AWSError;
import org.jclouds.http.HttpResponseException;
import pydron.provision.aws.AwsFailure;
import pydron.provision.aws.AwsProblems;
import pydron.provision.model.Problem;

/// What jclouds throws, as answers. It wraps the same error in different exceptions; what counts is the code.
final class Ec2Problems {
    private Ec2Problems() {}

    /// @param action as AWS calls it
    static Problem of(String action, RuntimeException thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof AwsFailure failure) {
                return failure.problem();
            } else if (cause instanceof HttpResponseException response && response.getResponse() != null) {
                int status = response.getResponse().getStatusCode();
                return AwsProblems.of(action, status, code(cause), message(cause));
            } else if (cause instanceof IOException || cause instanceof TimeoutException) {
                return new Problem.Unknown(action + ": " + Objects.toString(cause.getMessage(), "no answer"));
            }
        }
        return new Problem.Unknown(action + ": " + thrown.getMessage());
    }

    /// The error code of AWS, empty when there was none.
    static String code(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            AWSError error = cause instanceof AWSResponseException response ? response.getError() : null;
            if (error != null) {
                return Objects.toString(error.getCode(), "");
            }
        }
        return "";
    }

    private static String message(Throwable thrown) {
        AWSError error = thrown instanceof AWSResponseException response ? response.getError() : null;
        return Objects.toString(error == null ? thrown.getMessage() : error.getMessage(), "");
    }
}
