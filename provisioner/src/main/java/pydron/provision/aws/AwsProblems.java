package pydron.provision.aws;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import pydron.provision.model.Problem;

/// What the error codes of AWS mean. Lists of them in its documentation are long and not complete, so what is
/// not named here goes by its form: `Invalid…` is refused, `…LimitExceeded` a quota.
public final class AwsProblems {
    private static final Duration PAUSE = Duration.ofSeconds(5);
    private static final Pattern PERFORM = Pattern.compile("not authorized to perform:? ([A-Za-z0-9-]+:[A-Za-z0-9]+)");

    private static final Set<String> THROTTLED = Set.of(
            "RequestLimitExceeded",
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "RequestThrottled",
            "RequestThrottledException",
            "TooManyRequestsException",
            "EC2ThrottledException",
            "SlowDown");

    private static final Set<String> NO_CAPACITY = Set.of(
            "InsufficientInstanceCapacity",
            "InsufficientHostCapacity",
            "InsufficientCapacityOnHost",
            "InsufficientCapacity",
            "InsufficientReservedInstanceCapacity",
            "UnfulfillableCapacity",
            "SpotMaxPriceTooLow");

    private static final Set<String> CREDENTIALS = Set.of(
            "AuthFailure",
            "InvalidAccessKeyId",
            "InvalidToken",
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            "SignatureDoesNotMatch",
            "InvalidSignatureException",
            "IncompleteSignature",
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException");

    private static final Set<String> EXPIRED = Set.of("ExpiredToken", "ExpiredTokenException");

    private static final Set<String> CLOCK = Set.of("RequestTimeTooSkewed", "RequestInTheFuture", "SignatureExpired");

    private static final Set<String> DENIED = Set.of(
            "UnauthorizedOperation",
            "AccessDenied",
            "AccessDeniedException",
            "OptInRequired",
            "Blocked",
            "PendingVerification",
            "ValidationError.AccountBlocked");

    /// An instance of this token is there, made by a call that said something else.
    public static final String TOKEN_USED = "IdempotentParameterMismatch";

    private AwsProblems() {}

    /// @param action what was called, as in `RunInstances`
    /// @param status of HTTP
    /// @param code of AWS, empty when the answer had none
    public static Problem of(String action, int status, String code, String message) {
        String detail = code + ": " + readable(message);
        if (code.isEmpty() && status == 401) {
            // Java's HTTP client keeps the text of such an answer to itself.
            return new Problem.Unauthorized("the credentials are not valid, or this machine's clock is wrong: " + action
                    + " was answered with status 401");
        } else if (code.isEmpty()) {
            return new Problem.Unknown(action + " was answered with status " + status + ": " + message);
        } else if (THROTTLED.contains(code)) {
            return new Problem.Throttled(PAUSE, action + ": " + detail);
        } else if (NO_CAPACITY.contains(code)) {
            return new Problem.NoCapacity(detail);
        } else if (EXPIRED.contains(code)) {
            return new Problem.Unauthorized("the credentials have expired, sign in again: " + detail);
        } else if (code.equals("RequestExpired")) {
            // EC2's word for both.
            return new Problem.Unauthorized(
                    "the credentials have expired, sign in again, or this machine's clock is wrong: " + detail);
        } else if (CLOCK.contains(code) || mentionsClock(message) && CREDENTIALS.contains(code)) {
            return new Problem.Unauthorized("this machine's clock is wrong, set it: " + detail);
        } else if (CREDENTIALS.contains(code)) {
            return new Problem.Unauthorized("the credentials are not valid: " + detail);
        } else if (DENIED.contains(code)) {
            return new Problem.Unauthorized("no permission for " + missing(action, message) + ": " + detail);
        }
        Optional<String> quota = quota(code);
        if (quota.isPresent()) {
            return new Problem.QuotaExceeded(quota.get(), detail);
        }
        boolean unclear = status >= 500 || code.equals(TOKEN_USED) || code.equals("RequestTimeout");
        return unclear ? new Problem.Unknown(action + ": " + detail) : new Problem.Refused(detail);
    }

    /// Without the encoded part of refusals: a thousand letters for those who may decode them.
    private static String readable(String message) {
        int encoded = message.indexOf("Encoded authorization failure message");
        return (encoded < 0 ? message : message.substring(0, encoded)).strip();
    }

    private static boolean mentionsClock(String message) {
        String lower = message.toLowerCase(Locale.ROOT);
        return lower.contains("not yet current") || lower.contains("signature expired") || lower.contains("skew");
    }

    /// The action that is missing; a call may need more than its own.
    public static String missing(String action, String message) {
        Matcher said = PERFORM.matcher(message);
        return said.find() ? said.group(1) : action.contains(":") ? action : "ec2:" + action;
    }

    private static Optional<String> quota(String code) {
        return switch (code) {
            case "VcpuLimitExceeded" -> Optional.of("vCPUs of this kind of instance");
            case "InstanceLimitExceeded" -> Optional.of("instances of this type");
            case "MaxSpotInstanceCountExceeded" -> Optional.of("spot instances");
            case "VolumeLimitExceeded", "MaxIOPSLimitExceeded" -> Optional.of("volumes");
            case "InsufficientFreeAddressesInSubnet", "PrivateIpAddressLimitExceeded" ->
                Optional.of("addresses of the subnet");
            case "NetworkInterfaceLimitExceeded" -> Optional.of("network interfaces");
            default -> {
                String end = "LimitExceeded";
                yield code.endsWith(end) && code.length() > end.length()
                        ? Optional.of(code.substring(0, code.length() - end.length()))
                        : Optional.empty();
            }
        };
    }
}
