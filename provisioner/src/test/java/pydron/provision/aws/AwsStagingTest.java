package pydron.provision.aws;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.provision.cloud.Check;
import pydron.provision.ec2.Ec2StandIn;
import pydron.provision.ec2.S3StandIn;
import pydron.provision.join.Staging.Staged;

/// A bucket between the workstation and its instances.
class AwsStagingTest {
    @TempDir
    Path folder;

    private final S3StandIn s3 = S3StandIn.start("127.0.0.1");
    private final AtomicReference<AwsKeys> keys = new AtomicReference<>(
            new AwsKeys(Ec2StandIn.IDENTITY, Ec2StandIn.SECRET, Optional.empty(), Optional.empty()));
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    private AwsStaging staging = in(S3StandIn.BUCKET);
    private Path file;
    private String hash;

    private AwsStaging in(String bucket) {
        AwsSession session = AwsSession.with(Ec2StandIn.REGION, keys::get, AwsOptions.DEFAULT);
        return new AwsStaging(session, bucket, Optional.of(s3.url()), now::get);
    }

    @BeforeEach
    void write() throws Exception {
        file = folder.resolve("bundle.tar.gz");
        Files.write(file, new byte[300_000]);
        hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(new byte[300_000]));
    }

    @AfterEach
    void close() {
        staging.close();
        s3.close();
    }

    private static HttpURLConnection get(URI address) throws IOException {
        return (HttpURLConnection) address.toURL().openConnection();
    }

    private URI staged() {
        Staged staged = staging.stage(file, hash);
        assertThat(staged).isInstanceOf(Staged.At.class);
        return ((Staged.At) staged).address();
    }

    private String refusal() {
        Staged staged = staging.stage(file, hash);
        assertThat(staged).isInstanceOf(Staged.Failed.class);
        return ((Staged.Failed) staged).why();
    }

    @Test
    void aFileIsBroughtOnceAndFetchedByWhoeverHasTheAddress() throws Exception {
        URI address = staged();
        assertThat(get(address).getInputStream().readAllBytes()).isEqualTo(Files.readAllBytes(file));
        staged();
        String path = "/" + S3StandIn.BUCKET + "/bundles/" + hash + ".tar.gz";
        assertThat(s3.served())
                .containsExactly("HEAD " + path + " 404", "PUT " + path + " 200", "GET " + path + " 200 signed");
        // Another's address is of no use: for another object, or changed.
        URI other = URI.create(address.toString().replace("bundles/" + hash.substring(0, 4), "bundles/0000"));
        assertThat(get(other).getResponseCode()).isEqualTo(403);
        // The bucket lets it expire.
        s3.objects().clear();
        now.updateAndGet(it -> it.plus(Duration.ofMinutes(11)));
        staged();
        assertThat(s3.objects()).hasSize(1);
    }

    @Test
    void withTemporaryCredentials() throws Exception {
        s3.credentials("ASIATEMPORARY", "secret", "session", Instant.now().plusSeconds(600));
        keys.set(new AwsKeys("ASIATEMPORARY", "secret", Optional.of("session"), Optional.empty()));
        assertThat(get(staged()).getResponseCode()).isEqualTo(200);
    }

    @Test
    void whatIsInTheWayIsSaidAndNotTriedAgainAtOnce() {
        s3.deny("s3:PutObject");
        assertThat(refusal()).contains("bucket 'astro-bundles'", "no permission for s3:PutObject");
        int asked = s3.served().size();
        refusal();
        assertThat(s3.served()).hasSize(asked);
        now.updateAndGet(it -> it.plus(Duration.ofMinutes(3)));
        refusal();
        assertThat(s3.served().size()).isGreaterThan(asked);
    }

    @Test
    void aBucketThatIsNotThere() {
        staging.close();
        staging = in("another");
        assertThat(refusal()).contains("there is no such bucket in " + Ec2StandIn.REGION);
    }

    @Test
    void nobodyAnswers() {
        s3.close();
        assertThat(refusal()).contains("bucket 'astro-bundles'");
    }

    @Test
    void aCheckLeavesNothingAndSaysWhatToDo() {
        assertThat(staging.check())
                .containsExactly(new Check(
                        "bucket 'astro-bundles'", Check.Outcome.GOOD, "instances can fetch the worker there"));
        assertThat(s3.objects()).isEmpty();
        s3.deny("s3:PutObject");
        assertThat(staging.check()).singleElement().satisfies(it -> {
            assertThat(it.outcome()).isEqualTo(Check.Outcome.WARNING);
            assertThat(it.text()).contains("s3:PutObject", "instances get the worker over ssh instead");
        });
    }
}
