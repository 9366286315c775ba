package pydron.provision.ec2;

import com.sun.net.httpserver.Headers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Signature version 4, checked as the real ones do.
final class Signatures {
    private static final Duration SKEW = Duration.ofMinutes(5);
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'");
    private static final Pattern AUTHORIZATION =
            Pattern.compile("AWS4-HMAC-SHA256 Credential=([^/]+)/([0-9]{8})/([^/]+)/([^/]+)/aws4_request, *"
                    + "SignedHeaders=([a-z0-9;-]+), *Signature=([0-9a-f]{64})");

    /// @param session empty for lasting ones
    record Key(String secret, String session, Instant until) {}

    /// Who asks, and which service was meant.
    record Caller(String identity, String service) {}

    private final Map<String, Key> keys = new ConcurrentHashMap<>();
    private final String region;

    Signatures(String region) {
        this.region = region;
    }

    void put(String identity, Key key) {
        keys.put(identity, key);
    }

    /// The service that a request says it is for.
    static String service(Headers headers) {
        Matcher said = AUTHORIZATION.matcher(header(headers, "Authorization"));
        return said.matches() ? said.group(4) : "ec2";
    }

    Caller check(String method, String path, Headers headers, byte[] body, Instant now) {
        Matcher said = AUTHORIZATION.matcher(header(headers, "Authorization"));
        if (!said.matches()) {
            throw new ApiError(401, "AuthFailure", "AWS was not able to validate the provided access credentials");
        }
        String identity = said.group(1);
        String service = said.group(4);
        boolean ec2 = service.equals("ec2");
        Key key = keys.get(identity);
        if (key == null) {
            throw ec2
                    ? new ApiError(401, "AuthFailure", "AWS was not able to validate the provided access credentials")
                    : new ApiError(
                            403, "InvalidClientTokenId", "The security token included in the request is invalid.");
        }
        String stamp = header(headers, "X-Amz-Date");
        checkTime(stamp, ec2, now);
        String scope = said.group(2) + "/" + said.group(3) + "/" + service + "/aws4_request";
        List<String> signed = List.of(said.group(5).split(";"));
        boolean complete = signed.contains("host")
                && signed.contains("x-amz-date")
                && (key.session().isEmpty() || signed.contains("x-amz-security-token"))
                && signed.equals(signed.stream().sorted().toList());
        boolean here = said.group(3).equals(region) || service.equals("pricing");
        String wanted = sign(key, said, canonical(method, path, headers, body, signed, said.group(5)), stamp, scope);
        if (!complete || !here || !stamp.startsWith(said.group(2)) || !wanted.equals(said.group(6))) {
            throw ec2
                    ? new ApiError(401, "AuthFailure", "AWS was not able to validate the provided access credentials")
                    : new ApiError(
                            403,
                            "SignatureDoesNotMatch",
                            "The request signature we calculated does not match the signature you provided.");
        }
        checkSession(key, header(headers, "X-Amz-Security-Token"), ec2, now);
        return new Caller(identity, service);
    }

    private static String header(Headers headers, String name) {
        String value = headers.getFirst(name);
        return value == null ? "" : value;
    }

    private static void checkTime(String stamp, boolean ec2, Instant now) {
        Instant time;
        try {
            time = LocalDateTime.parse(stamp, STAMP).toInstant(ZoneOffset.UTC);
        } catch (DateTimeParseException e) {
            throw new ApiError(400, "IncompleteSignature", "Date must be in ISO-8601 'basic format': " + stamp);
        }
        if (time.isBefore(now.minus(SKEW))) {
            throw ec2
                    ? ApiError.bad("RequestExpired", "Request has expired.")
                    : new ApiError(403, "SignatureDoesNotMatch", "Signature expired: " + stamp + " is now earlier");
        } else if (time.isAfter(now.plus(SKEW))) {
            throw ec2
                    ? new ApiError(401, "AuthFailure", "AWS was not able to validate the provided access credentials")
                    : new ApiError(403, "SignatureDoesNotMatch", "Signature not yet current: " + stamp + " is later");
        }
    }

    private static void checkSession(Key key, String token, boolean ec2, Instant now) {
        if (!key.session().equals(token)) {
            throw new ApiError(401, "AuthFailure", "AWS was not able to validate the provided access credentials");
        } else if (!now.isBefore(key.until())) {
            throw ec2
                    ? ApiError.bad("RequestExpired", "Request has expired.")
                    : new ApiError(403, "ExpiredToken", "The security token included in the request is expired");
        }
    }

    private static String canonical(
            String method, String path, Headers headers, byte[] body, List<String> signed, String names) {
        StringBuilder text = new StringBuilder(method).append('\n').append(path).append("\n\n");
        for (String name : signed) {
            String value = String.join(",", headers.getOrDefault(name(name), List.of()));
            text.append(name)
                    .append(':')
                    .append(value.strip().replaceAll(" +", " "))
                    .append('\n');
        }
        return text.append('\n')
                .append(names)
                .append('\n')
                .append(hex(sha256(body)))
                .toString();
    }

    /// As the server's map of headers has it.
    private static String name(String lower) {
        return Character.toUpperCase(lower.charAt(0)) + lower.substring(1);
    }

    private static String sign(Key key, Matcher said, String canonical, String stamp, String scope) {
        byte[] secret = ("AWS4" + key.secret()).getBytes(StandardCharsets.UTF_8);
        byte[] derived = secret;
        for (String part : List.of(said.group(2), said.group(3), said.group(4), "aws4_request")) {
            derived = hmac(derived, part);
        }
        String text = "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n"
                + hex(sha256(canonical.getBytes(StandardCharsets.UTF_8)));
        return hex(hmac(derived, text));
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] sha256(byte[] data) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(data);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String hex(byte[] data) {
        return HexFormat.of().formatHex(data);
    }
}
