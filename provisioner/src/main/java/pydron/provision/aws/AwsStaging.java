package pydron.provision.aws;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import pydron.provision.cloud.Check;
import pydron.provision.join.Staging;
import pydron.provision.model.Problem;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/// A bucket of the user's, from where instances fetch bundles by addresses that are signed here: they need no
/// credentials, and no program of AWS.
///
/// A bundle is there under its hash, encrypted by S3. It may expire, so whether it is still there is asked anew from
/// time
/// to time.
public final class AwsStaging implements Staging, AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration READ = Duration.ofSeconds(60);
    private static final Duration UPLOAD = Duration.ofMinutes(15);

    /// An address is good for so long: for a slow machine, and little more.
    private static final Duration GOOD = Duration.ofMinutes(30);

    /// What was there is taken to be there for so long.
    private static final Duration KNOWN = Duration.ofMinutes(10);

    /// What has failed is not tried again for so long: instances wait meanwhile.
    private static final Duration AGAIN = Duration.ofMinutes(2);

    private final AwsSession session;
    private final String bucket;
    private final InstantSource clock;
    private final SdkHttpClient http;
    private final S3Client s3;
    private final S3Presigner presigner;
    private final Map<String, Instant> seen = new TreeMap<>();
    private Instant failed = Instant.MIN;
    private String why = "";

    /// @param session is closed with this
    public AwsStaging(AwsSession session, String bucket, Optional<URI> endpoint, InstantSource clock) {
        this.session = session;
        this.bucket = bucket;
        this.clock = clock;
        this.http = UrlConnectionHttpClient.builder()
                .connectionTimeout(CONNECT)
                .socketTimeout(READ)
                .build();
        // Chunks with signatures of their own are for those who do not know what they send.
        S3Configuration plain = S3Configuration.builder()
                .chunkedEncodingEnabled(false)
                .pathStyleAccessEnabled(endpoint.isPresent())
                .build();
        S3ClientBuilder client = S3Client.builder()
                .region(session.where())
                .credentialsProvider(session.provider())
                .httpClient(http)
                .overrideConfiguration(it -> it.apiCallTimeout(UPLOAD))
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .serviceConfiguration(plain);
        S3Presigner.Builder signer = S3Presigner.builder()
                .region(session.where())
                .credentialsProvider(session.provider())
                .serviceConfiguration(plain);
        endpoint.ifPresent(it -> {
            client.endpointOverride(it);
            signer.endpointOverride(it);
        });
        this.s3 = client.build();
        this.presigner = signer.build();
    }

    /// Asks nobody yet, except where the region is not given.
    ///
    /// @param region as in [AwsSession#open]
    /// @param profile likewise
    /// @throws AwsFailure when no region is known
    public static AwsStaging open(String region, String profile, String bucket) {
        AwsSession session = AwsSession.open(region, profile, AwsOptions.DEFAULT);
        return new AwsStaging(session, bucket, session.otherEndpoint("S3", "s3"), InstantSource.system());
    }

    @Override
    public synchronized Staged stage(Path file, String hash) {
        Instant now = clock.instant();
        if (now.isBefore(failed.plus(AGAIN))) {
            return new Staged.Failed(why);
        }
        String key = "bundles/" + hash + ".tar.gz";
        try {
            if (!now.isBefore(seen.getOrDefault(key, Instant.MIN).plus(KNOWN))) {
                if (!isThere(key)) {
                    put(key, RequestBody.fromFile(file), hash);
                }
                seen.put(key, now);
            }
            return new Staged.At(address(key));
        } catch (AwsFailure failure) {
            failed = now;
            why = "bucket '" + bucket + "': " + failure.problem().text();
            return new Staged.Failed(why);
        }
    }

    private boolean isThere(String key) {
        return call("s3:GetObject", () -> {
            try {
                s3.headObject(it -> it.bucket(bucket).key(key));
                return true;
            } catch (AwsServiceException e) {
                // Those who may not list are told that they may not look.
                if (e.statusCode() == HttpURLConnection.HTTP_NOT_FOUND
                        || e.statusCode() == HttpURLConnection.HTTP_FORBIDDEN) {
                    return false;
                }
                throw e;
            }
        });
    }

    private void put(String key, RequestBody body, String hash) {
        PutObjectRequest request = PutObjectRequest.builder()
                .bucket(bucket)
                .key(key)
                .serverSideEncryption(ServerSideEncryption.AES256)
                .checksumSHA256(
                        Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hash)))
                .build();
        call("s3:PutObject", () -> s3.putObject(request, body));
    }

    private URI address(String key) {
        return call(
                "s3:GetObject",
                () -> URI.create(presigner
                        .presignGetObject(it -> it.signatureDuration(GOOD)
                                .getObjectRequest(
                                        object -> object.bucket(bucket).key(key)))
                        .url()
                        .toString()));
    }

    /// As [AwsSession#call], with what S3 says without a body.
    private <T> T call(String action, java.util.function.Supplier<T> request) {
        try {
            return session.call(action, request);
        } catch (AwsFailure failure) {
            if (failure.getCause() instanceof AwsServiceException e) {
                switch (e.statusCode()) {
                    case HttpURLConnection.HTTP_NOT_FOUND ->
                        throw new AwsFailure(new Problem.Refused("there is no such bucket in " + session.region()), e);
                    case HttpURLConnection.HTTP_MOVED_PERM, HttpURLConnection.HTTP_BAD_REQUEST ->
                        throw new AwsFailure(
                                new Problem.Refused(failure.problem().detail() + "; is the bucket in the region '"
                                        + session.region() + "'?"),
                                e);
                    default -> throw failure;
                }
            }
            throw failure;
        }
    }

    /// A small object is written, fetched as an instance would, and deleted.
    @Override
    public List<Check> check() {
        String what = "bucket '" + bucket + "'";
        String key = "bundles/test-" + UUID.randomUUID();
        byte[] text = key.getBytes(StandardCharsets.UTF_8);
        try {
            put(key, RequestBody.fromBytes(text), HexFormat.of().formatHex(sha256(text)));
            try {
                byte[] back = fetched(address(key));
                if (!Arrays.equals(text, back)) {
                    return List.of(warning(what, "what is read there is not what was written"));
                }
            } finally {
                call(
                        "s3:DeleteObject",
                        () -> s3.deleteObject(it -> it.bucket(bucket).key(key)));
            }
            return List.of(new Check(what, Check.Outcome.GOOD, "instances can fetch the worker there"));
        } catch (AwsFailure failure) {
            return List.of(warning(what, failure.problem().text()));
        } catch (IOException e) {
            return List.of(warning(what, "what was written cannot be fetched: " + e.getMessage()));
        }
    }

    private static Check warning(String what, String text) {
        return new Check(what, Check.Outcome.WARNING, text + "; instances get the worker over ssh instead");
    }

    private static byte[] fetched(URI address) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
        try {
            connection.setConnectTimeout((int) CONNECT.toMillis());
            connection.setReadTimeout((int) READ.toMillis());
            if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
                throw new IOException("status " + connection.getResponseCode());
            }
            return connection.getInputStream().readAllBytes();
        } finally {
            connection.disconnect();
        }
    }

    private static byte[] sha256(byte[] data) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(data);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public void close() {
        presigner.close();
        s3.close();
        http.close();
        session.close();
    }
}
