package pydron.provision.aws;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import pydron.provision.model.Problem;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.awscore.endpoint.AwsClientEndpointProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.ClientEndpointProvider;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.sts.StsClient;

/// Credentials, region and addresses of one account, as the user's AWS files and variables say. Credentials are
/// asked for anew at each request, so that temporary ones are renewed.
public final class AwsSession implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration READ = Duration.ofSeconds(20);
    private static final Duration CALL = Duration.ofSeconds(60);

    private final Region region;
    private final String profile;
    private final AwsOptions options;
    private final AwsCredentialsProvider credentials;
    private final SdkHttpClient http;
    private final Ec2Client ec2;
    private final StsClient sts;

    private AwsSession(Region region, String profile, AwsOptions options, AwsCredentialsProvider credentials) {
        this.region = region;
        this.profile = profile;
        this.options = options;
        this.credentials = credentials;
        this.http = UrlConnectionHttpClient.builder()
                .connectionTimeout(CONNECT)
                .socketTimeout(READ)
                .build();
        ClientOverrideConfiguration times =
                ClientOverrideConfiguration.builder().apiCallTimeout(CALL).build();
        this.ec2 = Ec2Client.builder()
                .region(region)
                .credentialsProvider(credentials)
                .httpClient(http)
                .overrideConfiguration(times)
                .endpointOverride(ec2Endpoint())
                .build();
        this.sts = StsClient.builder()
                .region(region)
                .credentialsProvider(credentials)
                .httpClient(http)
                .overrideConfiguration(times)
                .endpointOverride(stsEndpoint())
                .build();
    }

    /// Asks nobody yet, except where the region is not given.
    ///
    /// @param region empty: what the environment or the profile says
    /// @param profile of the user's AWS files; empty: the default chain, which begins with the environment
    /// @throws AwsFailure when no region is known
    public static AwsSession open(String region, String profile, AwsOptions options) {
        AwsCredentialsProvider credentials = profile.isEmpty()
                ? DefaultCredentialsProvider.builder().build()
                : ProfileCredentialsProvider.builder().profileName(profile).build();
        return new AwsSession(Region.of(region.isEmpty() ? known(profile) : region), profile, options, credentials);
    }

    /// With credentials from elsewhere.
    public static AwsSession with(String region, Supplier<AwsKeys> keys, AwsOptions options) {
        return new AwsSession(Region.of(region), "", options, () -> credentials(keys.get()));
    }

    private static AwsCredentials credentials(AwsKeys keys) {
        return keys.session().isPresent()
                ? AwsSessionCredentials.builder()
                        .accessKeyId(keys.identity())
                        .secretAccessKey(keys.secret())
                        .sessionToken(keys.session().get())
                        .expirationTime(keys.until().orElse(null))
                        .build()
                : AwsBasicCredentials.create(keys.identity(), keys.secret());
    }

    private static String known(String profile) {
        try {
            DefaultAwsRegionProviderChain.Builder chain = DefaultAwsRegionProviderChain.builder();
            if (!profile.isEmpty()) {
                chain.profileName(profile);
            }
            return chain.build().getRegion().id();
        } catch (SdkClientException none) {
            throw new AwsFailure(
                    new Problem.Refused("no region: neither the settings nor AWS_REGION nor "
                            + (profile.isEmpty() ? "the default profile" : "profile '" + profile + "'")
                            + " of the AWS configuration name one"),
                    none);
        }
    }

    public String region() {
        return region.id();
    }

    public AwsOptions options() {
        return options;
    }

    /// As the user would name where they come from.
    String source() {
        return profile.isEmpty() ? "the default chain" : "profile '" + profile + "'";
    }

    /// @throws AwsFailure when there are none, or they cannot be renewed
    public AwsKeys keys() {
        try {
            AwsCredentials found = credentials.resolveCredentials();
            Optional<String> token = found instanceof AwsSessionCredentials session
                    ? Optional.of(session.sessionToken())
                    : Optional.empty();
            return new AwsKeys(found.accessKeyId(), found.secretAccessKey(), token, found.expirationTime());
        } catch (SdkException none) {
            throw new AwsFailure(noCredentials(none), none);
        }
    }

    private Problem noCredentials(SdkException why) {
        String said = Objects.toString(why.getMessage(), "");
        // What comes then is all of the user's file, less its secrets.
        int dump = said.indexOf(": ProfileFile(");
        return new Problem.Unauthorized(
                "no credentials from " + source() + ": " + (dump < 0 ? said : said.substring(0, dump)));
    }

    /// Where the Query protocol of EC2 is spoken.
    public URI ec2Endpoint() {
        return options.endpoints()
                .map(AwsOptions.Endpoints::ec2)
                .orElseGet(() -> endpoint("EC2", "ec2", "ec2", region));
    }

    private URI stsEndpoint() {
        return options.endpoints()
                .map(AwsOptions.Endpoints::sts)
                .orElseGet(() -> endpoint("STS", "sts", "sts", region));
    }

    /// Of a service that has no module of the SDK here.
    ///
    /// @param variable how its name ends in `AWS_ENDPOINT_URL_…`
    URI jsonEndpoint(String variable, String host, String ofRegion) {
        return options.endpoints()
                .map(AwsOptions.Endpoints::json)
                .orElseGet(() -> endpoint(variable, variable.toLowerCase(Locale.ROOT), host, Region.of(ofRegion)));
    }

    /// Where the user has said that a service is.
    Optional<URI> otherEndpoint(String variable, String host) {
        ClientEndpointProvider found = provider(variable, host, host, region);
        return found.isEndpointOverridden() ? Optional.of(found.clientEndpoint()) : Optional.empty();
    }

    private URI endpoint(String variable, String property, String host, Region of) {
        return provider(variable, property, host, of).clientEndpoint();
    }

    private ClientEndpointProvider provider(String variable, String property, String host, Region of) {
        AwsClientEndpointProvider.Builder builder = AwsClientEndpointProvider.builder()
                .serviceEndpointOverrideEnvironmentVariable("AWS_ENDPOINT_URL_" + variable)
                .serviceEndpointOverrideSystemProperty("aws.endpointUrl" + variable)
                .serviceProfileProperty(property)
                .profileFile(ProfileFile::defaultProfileFile)
                .serviceEndpointPrefix(host)
                .defaultProtocol("https")
                .region(of);
        if (!profile.isEmpty()) {
            builder.profileName(profile);
        }
        return builder.build();
    }

    Region where() {
        return region;
    }

    Ec2Client ec2() {
        return ec2;
    }

    StsClient sts() {
        return sts;
    }

    AwsCredentialsProvider provider() {
        return credentials;
    }

    SdkHttpClient http() {
        return http;
    }

    /// @param action as AWS calls it
    /// @throws AwsFailure with what went wrong
    <T> T call(String action, Supplier<T> request) {
        try {
            return request.get();
        } catch (AwsServiceException e) {
            throw new AwsFailure(problem(action, e), e);
        } catch (SdkException e) {
            boolean credentials = e.getMessage() != null && e.getMessage().contains("credentials");
            throw new AwsFailure(
                    credentials ? noCredentials(e) : new Problem.Unknown(action + ": " + e.getMessage()), e);
        }
    }

    static Problem problem(String action, AwsServiceException e) {
        String code = e.awsErrorDetails() == null
                ? ""
                : Objects.toString(e.awsErrorDetails().errorCode(), "");
        String message = e.awsErrorDetails() == null
                ? e.getMessage()
                : Objects.toString(e.awsErrorDetails().errorMessage(), "");
        return AwsProblems.of(action, e.statusCode(), code, message);
    }

    /// What an instance has written to its console; empty where that cannot be had.
    public String console(String instance) {
        try {
            String encoded = call("GetConsoleOutput", () -> ec2().getConsoleOutput(it -> it.instanceId(instance)))
                    .output();
            return encoded == null ? "" : new String(Base64.getMimeDecoder().decode(encoded), StandardCharsets.UTF_8);
        } catch (AwsFailure | IllegalArgumentException e) {
            return "";
        }
    }

    @Override
    public void close() {
        ec2.close();
        sts.close();
        http.close();
        if (credentials instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                throw new IllegalStateException("credentials provider did not close", e);
            }
        }
    }
}
