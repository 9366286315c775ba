package pydron.provision.jclouds;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jclouds.http.HttpResponseException;
import pydron.provision.model.Problem;
import pydron.provision.openstack.Failure;

/// An answer of Nova that is no success, and what it means.
final class NovaAnswer extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final Pattern QUOTA =
            Pattern.compile("Quota exceeded for ([^:]+): Requested (.+?), but already used (.+?) of (.+?) [a-z].*");
    private static final Pattern ANY_QUOTA = Pattern.compile(
            "(?i)quota exceeded|quota reached|exceeds? .*quota|over quota|maximum number of (\\w+) exceeded");
    private static final String MORE = "; the project's administrators can raise it";

    private final int status;
    private final Duration retryAfter;

    NovaAnswer(int status, String message, Duration retryAfter) {
        super(message);
        this.status = status;
        this.retryAfter = retryAfter;
    }

    int status() {
        return status;
    }

    private Problem problem() {
        String text = getMessage();
        if (status >= 400
                && status < 500
                && status != 401
                && ANY_QUOTA.matcher(text).find()) {
            return quota(text);
        }
        return switch (status) {
            case 401, 403 -> new Problem.Unauthorized(text);
            case 400, 404, 409, 422 -> new Problem.Refused(text);
            case 413, 429 -> new Problem.Throttled(retryAfter, text);
            default -> new Problem.Unknown("the compute service answers " + status + ": " + text);
        };
    }

    private static Problem quota(String text) {
        Matcher exact = QUOTA.matcher(text);
        if (exact.matches()) {
            return new Problem.QuotaExceeded(
                    exact.group(1),
                    exact.group(3) + " of " + exact.group(4) + " used, " + exact.group(2) + " more needed" + MORE);
        }
        Matcher other = ANY_QUOTA.matcher(text);
        String which = other.find() && other.group(1) != null ? other.group(1) : "this project";
        return new Problem.QuotaExceeded(which, text + MORE);
    }

    /// Why a server came to nothing, from its `fault`.
    static Problem fault(long code, String message) {
        if (ANY_QUOTA.matcher(message).find()) {
            return quota(message);
        } else if (code >= 400 && code < 500) {
            return new Problem.Refused(message);
        }
        return new Problem.NoCapacity(message);
    }

    static Problem problem(RuntimeException thrown) {
        for (Throwable it = thrown; it != null; it = it.getCause()) {
            if (it instanceof NovaAnswer answer) {
                return answer.problem();
            } else if (it instanceof Failure failure) {
                return failure.problem();
            }
        }
        Throwable last = thrown;
        while (last.getCause() != null) {
            last = last.getCause();
        }
        String what = last.getMessage() == null ? last.getClass().getSimpleName() : last.getMessage();
        return new Problem.Unknown(
                thrown instanceof HttpResponseException
                        ? "the connection to the compute service failed: " + what
                        : "the compute service's answer is not understood: " + what);
    }
}
