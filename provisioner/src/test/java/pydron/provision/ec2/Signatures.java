package pydron.provision.ec2;

import com.sun.net.httpserver.Headers;
import java.net.URI;
import java.net.URLDecoder;
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
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
        String canonical = canonical(method, path, "", headers, hex(sha256(body)), signed);
        String wanted = sign(key, scope, canonical, stamp);
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

    /// Of a request to S3, with its signature in a header or in its address.
    void checkS3(String method, URI uri, Headers headers, byte[] body, Instant now) {
        String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
        if (query.contains("X-Amz-Signature=")) {
            checkAddress(method, uri, query, headers, now);
            return;
        }
        Matcher said = AUTHORIZATION.matcher(header(headers, "Authorization"));
        if (!said.matches()) {
            throw new ApiError(403, "AccessDenied", "Access Denied");
        }
        Key key = key(said.group(1));
        String stamp = header(headers, "X-Amz-Date");
        near(stamp, now);
        String hash = header(headers, "X-Amz-Content-Sha256");
        if (!hash.equals("UNSIGNED-PAYLOAD") && !hash.equals(hex(sha256(body)))) {
            throw ApiError.bad(
                    "XAmzContentSHA256Mismatch",
                    "The provided 'x-amz-content-sha256' header does not match what was computed.");
        }
        String scope = said.group(2) + "/" + said.group(3) + "/s3/aws4_request";
        List<String> signed = List.of(said.group(5).split(";"));
        String canonical = canonical(method, uri.getRawPath(), sorted(query), headers, hash, signed);
        boolean complete = signed.contains("host")
                && signed.contains("x-amz-date")
                && said.group(3).equals(region);
        if (!complete || !sign(key, scope, canonical, stamp).equals(said.group(6))) {
            throw wrong();
        }
        session(key, header(headers, "X-Amz-Security-Token"), now);
    }

    private void checkAddress(String method, URI uri, String query, Headers headers, Instant now) {
        Map<String, String> said = new TreeMap<>();
        for (String part : query.split("&")) {
            String[] pair = part.split("=", 2);
            said.put(pair[0], URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
        }
        String[] credential = said.get("X-Amz-Credential").split("/");
        Key key = key(credential[0]);
        String stamp = said.get("X-Amz-Date");
        Instant begin = near(stamp, now);
        if (now.isAfter(begin.plusSeconds(Long.parseLong(said.get("X-Amz-Expires"))))) {
            throw new ApiError(403, "AccessDenied", "Request has expired");
        }
        String scope = credential[1] + "/" + credential[2] + "/s3/aws4_request";
        String rest = sorted(query.replaceAll("&?X-Amz-Signature=[0-9a-f]+", ""));
        List<String> signed = List.of(said.get("X-Amz-SignedHeaders").split(";"));
        String canonical = canonical(method, uri.getRawPath(), rest, headers, "UNSIGNED-PAYLOAD", signed);
        if (!credential[2].equals(region) || !sign(key, scope, canonical, stamp).equals(said.get("X-Amz-Signature"))) {
            throw wrong();
        }
        session(key, said.getOrDefault("X-Amz-Security-Token", ""), now);
    }

    private Key key(String identity) {
        return Optional.ofNullable(keys.get(identity))
                .orElseThrow(() -> new ApiError(
                        403,
                        "InvalidAccessKeyId",
                        "The AWS Access Key Id you provided does not exist in our records."));
    }

    private static Instant near(String stamp, Instant now) {
        Instant time;
        try {
            time = LocalDateTime.parse(stamp, STAMP).toInstant(ZoneOffset.UTC);
        } catch (DateTimeParseException e) {
            throw new ApiError(403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header");
        }
        if (Duration.between(time, now).abs().compareTo(SKEW) > 0) {
            throw new ApiError(
                    403,
                    "RequestTimeTooSkewed",
                    "The difference between the request time and the current time is too large.");
        }
        return time;
    }

    private static void session(Key key, String token, Instant now) {
        if (!key.session().equals(token)) {
            throw ApiError.bad("InvalidToken", "The provided token is malformed or otherwise invalid.");
        } else if (!now.isBefore(key.until())) {
            throw ApiError.bad("ExpiredToken", "The provided token has expired.");
        }
    }

    private static ApiError wrong() {
        return new ApiError(
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided.");
    }

    private static String sorted(String query) {
        return Stream.of(query.split("&"))
                .filter(it -> !it.isEmpty())
                .map(it -> it.contains("=") ? it : it + "=")
                .sorted()
                .collect(Collectors.joining("&"));
    }

    private static String canonical(
            String method, String path, String query, Headers headers, String hash, List<String> signed) {
        StringBuilder text = new StringBuilder(method)
                .append('\n')
                .append(path)
                .append('\n')
                .append(query)
                .append('\n');
        for (String name : signed) {
            String value = String.join(",", headers.getOrDefault(name(name), List.of()));
            text.append(name)
                    .append(':')
                    .append(value.strip().replaceAll(" +", " "))
                    .append('\n');
        }
        return text.append('\n')
                .append(String.join(";", signed))
                .append('\n')
                .append(hash)
                .toString();
    }

    /// As the server's map of headers has it.
    private static String name(String lower) {
        return Character.toUpperCase(lower.charAt(0)) + lower.substring(1);
    }

    private static String sign(Key key, String scope, String canonical, String stamp) {
        byte[] secret = ("AWS4" + key.secret()).getBytes(StandardCharsets.UTF_8);
        byte[] derived = secret;
        for (String part : scope.split("/")) {
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
