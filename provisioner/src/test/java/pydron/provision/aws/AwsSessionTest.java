package pydron.provision.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.provision.cloud.Listing;
import pydron.provision.ec2.Ec2StandIn;
import pydron.provision.ec2.Hypervisor;
import pydron.provision.jclouds.Ec2Cloud;

/// Credentials, regions and addresses as users keep them: in files, by profile.
class AwsSessionTest {
    private final Ec2StandIn ec2 = Ec2StandIn.start(0, Hypervisor.NONE);
    private final Map<String, String> before = new LinkedHashMap<>();
    private Path credentials;
    private Path config;

    @BeforeEach
    void files(@TempDir Path folder) throws IOException {
        credentials = folder.resolve("credentials");
        config = folder.resolve("config");
        set("aws.sharedCredentialsFile", credentials.toString());
        set("aws.configFile", config.toString());
        Files.writeString(config, """
                [profile astro]
                region = eu-central-1
                services = here
                [services here]
                ec2 =
                  endpoint_url = %s
                sts =
                  endpoint_url = %s
                [profile nowhere]
                output = json
                """.formatted(ec2.url(), ec2.url()));
    }

    private void set(String property, String value) {
        before.put(property, System.getProperty(property));
        System.setProperty(property, value);
    }

    @AfterEach
    void close() {
        ec2.close();
        before.forEach((property, value) -> {
            if (value == null) {
                System.clearProperty(property);
            } else {
                System.setProperty(property, value);
            }
        });
    }

    private void keys(String identity, String secret, String token) throws IOException {
        Files.writeString(credentials, """
                [astro]
                aws_access_key_id = %s
                aws_secret_access_key = %s
                aws_session_token = %s
                """.formatted(identity, secret, token));
    }

    @Test
    void aProfileSaysRegionAddressAndCredentialsAndRenewedOnesAreUsed() throws IOException {
        ec2.credentials("ASIAOLD", "old", "token-1", Instant.now().plusSeconds(600));
        keys("ASIAOLD", "old", "token-1");
        try (Ec2Cloud cloud = Ec2Cloud.open("aws", "installation-1", "", "astro", AwsOptions.DEFAULT)) {
            assertThat(cloud.list()).isEqualTo(new Listing.Seen(List.of()));
            assertThat(cloud.check(List.of()).getFirst().text()).contains("profile 'astro'", "eu-central-1");
            ec2.credentials("ASIAOLD", "old", "token-1", Instant.now().minusSeconds(1));
            ec2.credentials("ASIANEW", "new", "token-2", Instant.now().plusSeconds(600));
            assertThat(cloud.list()).isInstanceOf(Listing.Failed.class);
            // As `aws sso login` and its like do; files are looked at again when they are newer.
            keys("ASIANEW", "new", "token-2");
            Listing listing = cloud.list();
            for (int i = 0; i < 100 && !(listing instanceof Listing.Seen); i++) {
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
                listing = cloud.list();
            }
            assertThat(listing).isEqualTo(new Listing.Seen(List.of()));
        }
    }

    @Test
    void aProfileWithoutCredentialsIsNamed() throws IOException {
        keys("a", "b", "c");
        try (Ec2Cloud cloud = Ec2Cloud.open("aws", "installation-1", "eu-central-1", "nobody", AwsOptions.DEFAULT)) {
            assertThat(cloud.list())
                    .isInstanceOfSatisfying(
                            Listing.Failed.class,
                            it -> assertThat(it.problem().text())
                                    .startsWith("not allowed: no credentials from profile 'nobody'"));
        }
    }

    @Test
    void aProgramThatGivesCredentialsIsAskedAgainWhenTheyEnd(@TempDir Path folder) throws IOException {
        Path asked = folder.resolve("asked");
        Path program = folder.resolve("program");
        Files.writeString(program, """
                #!/bin/sh
                echo x >> %s
                printf '{"Version": 1, "AccessKeyId": "ASIA%%s", "SecretAccessKey": "s", "SessionToken": "t", \
                "Expiration": "%s"}' "$(grep -c x %s)"
                """.formatted(asked, Instant.now().plusSeconds(1), asked));
        assertThat(program.toFile().setExecutable(true)).isTrue();
        Files.writeString(config, "[profile astro]\nregion = eu-central-1\ncredential_process = " + program + "\n");
        try (AwsSession session = AwsSession.open("", "astro", AwsOptions.DEFAULT)) {
            assertThat(session.keys().identity()).isEqualTo("ASIA1");
            assertThat(session.keys().until()).isPresent();
            LockSupport.parkNanos(Duration.ofMillis(1100).toNanos());
            assertThat(session.keys().identity()).isNotEqualTo("ASIA1");
            assertThat(session.keys().toString()).doesNotContain("s,").doesNotContain("t]");
        }
    }

    @Test
    void aRegionHasToBeSaidSomewhere() throws IOException {
        keys("a", "b", "c");
        assertThatThrownBy(() -> AwsSession.open("", "nowhere", AwsOptions.DEFAULT))
                .isInstanceOf(AwsFailure.class)
                .hasMessageContaining("no region")
                .hasMessageContaining("'nowhere'");
    }

    @Test
    void withoutOtherWordAddressesAreThoseOfTheRegion() {
        try (AwsSession session = AwsSession.open("eu-west-3", "nowhere", AwsOptions.DEFAULT);
                AwsSession china = AwsSession.open("cn-north-1", "nowhere", AwsOptions.DEFAULT)) {
            assertThat(session.ec2Endpoint()).isEqualTo(URI.create("https://ec2.eu-west-3.amazonaws.com"));
            assertThat(session.jsonEndpoint("PRICING", "api.pricing", "us-east-1"))
                    .isEqualTo(URI.create("https://api.pricing.us-east-1.amazonaws.com"));
            assertThat(session.jsonEndpoint("SERVICE_QUOTAS", "servicequotas", "eu-west-3"))
                    .isEqualTo(URI.create("https://servicequotas.eu-west-3.amazonaws.com"));
            assertThat(china.ec2Endpoint()).isEqualTo(URI.create("https://ec2.cn-north-1.amazonaws.com.cn"));
        }
    }
}
