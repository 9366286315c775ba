package pydron.provision.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.provision.cloud.Check;
import pydron.provision.cloud.Cloud;
import pydron.provision.cloud.CloudContract;
import pydron.provision.cloud.Launch;
import pydron.provision.cloud.LaunchRequest;
import pydron.provision.cloud.Listing;
import pydron.provision.cloud.Removal;
import pydron.provision.model.ClaimId;
import pydron.provision.model.Money;
import pydron.provision.model.Pool;
import pydron.provision.model.Thing;

/// Processes of this machine do what every cloud does, and nobody else's are touched.
class LocalCloudTest extends CloudContract {
    @TempDir
    Path folder;

    private final String installation = "test-" + UUID.randomUUID();
    private final Map<String, LocalCloud> clouds = new HashMap<>();
    private int most = 100;

    private LocalCloud of(String owner) {
        return clouds.computeIfAbsent(owner, this::open);
    }

    private LocalCloud open(String owner) {
        return new LocalCloud("here", owner, most, folder.resolve(owner));
    }

    @AfterEach
    void endAll() throws InterruptedException {
        for (String owner : List.of(installation, "another-" + installation)) {
            LocalCloud cloud = of(owner);
            List<Thing> left = things(cloud);
            for (int i = 0; i < 300 && !left.isEmpty(); i++) {
                left.forEach(it -> cloud.remove(it.kind(), it.id()));
                Thread.sleep(50);
                left = things(cloud);
            }
            assertThat(left).isEmpty();
        }
    }

    private static List<Thing> things(Cloud cloud) {
        return ((Listing.Seen) cloud.list())
                .things().stream().filter(it -> it.life() == Thing.Life.ALIVE).toList();
    }

    @Override
    protected Cloud cloud() {
        return of(installation);
    }

    @Override
    protected Cloud ofAnotherInstallation() {
        return of("another-" + installation);
    }

    @Override
    protected Cloud withWrongCredentials() {
        return new LocalCloud("here", installation, most, folder, folder.resolve("no-process-table"));
    }

    @Override
    protected String type() {
        return LocalCloud.TYPE;
    }

    @Override
    protected void exhaustQuota() {
        most = 0;
        clouds.clear();
    }

    @Override
    protected boolean again(int times) {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return times < 300;
    }

    private LaunchRequest running(String script) {
        LaunchRequest plain = request(claim(), TYPE);
        return new LaunchRequest(plain.claim(), plain.pool(), Duration.ofMinutes(1), script);
    }

    private static final String TYPE = LocalCloud.TYPE;

    private void awaitFile(Path file) {
        for (int i = 0; Files.notExists(file) && again(i); i++) {
            continue;
        }
        assertThat(file).exists();
    }

    private void awaitEmpty() {
        List<Thing> left = things(cloud());
        for (int i = 0; !left.isEmpty() && again(i); i++) {
            left = things(cloud());
        }
        assertThat(left).isEmpty();
    }

    @Test
    void everythingUnderAnInstanceEndsWithIt() throws IOException {
        Path pids = folder.resolve("pids");
        LaunchRequest request = running("setsid sh -c 'trap \"\" TERM; echo $$ > " + pids + ".new; mv " + pids + ".new "
                + pids + "; while :; do sleep 1; done'");
        cloud().start(request);
        awaitFile(pids);
        long pid = Long.parseLong(Files.readString(pids).strip());
        assertThat(ProcessHandle.of(pid))
                .matches(it -> it.isPresent() && it.get().isAlive());
        cloud().remove(Thing.Kind.INSTANCE, request.claim().value());
        awaitEmpty();
        assertThat(runs(pid)).isFalse();
    }

    /// One that has ended, and that nobody has waited for, is still in the table, without a command line.
    private static boolean runs(long pid) throws IOException {
        Path line = Path.of("/proc/" + pid + "/cmdline");
        return Files.exists(line) && !Files.readString(line).isEmpty();
    }

    @Test
    void anInstanceEndsItself() {
        LaunchRequest request = running("kill $" + LocalCloud.MACHINE);
        cloud().start(request);
        awaitEmpty();
        assertThat(cloud().remove(Thing.Kind.INSTANCE, request.claim().value())).isEqualTo(new Removal.NotThere());
    }

    /// Nobody has to wait until it has been absent for long.
    @Test
    void whatHasEndedIsListedAsEnded() {
        LaunchRequest request = running("kill $" + LocalCloud.MACHINE);
        cloud().start(request);
        awaitEmpty();
        assertThat(((Listing.Seen) cloud().list()).things())
                .singleElement()
                .matches(it -> it.life() == Thing.Life.ENDED && it.claim().equals(Optional.of(request.claim())));
    }

    @Test
    void theSameProgramWithoutTheTagIsNotTouched() throws IOException, InterruptedException {
        Process bystander = new ProcessBuilder("sleep", "60").start();
        Process stranger = tagged("sleep", "no tag at all");
        try {
            LaunchRequest request = running("sleep 60");
            cloud().start(request);
            cloud().remove(Thing.Kind.INSTANCE, request.claim().value());
            awaitEmpty();
            assertThat(bystander.isAlive()).isTrue();
            assertThat(stranger.isAlive()).isTrue();
        } finally {
            bystander.destroyForcibly().waitFor();
            stranger.destroyForcibly().waitFor();
        }
    }

    private static Process tagged(String program, String tag) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(program, "60");
        builder.environment().put(Tag.VARIABLE, tag);
        return builder.start();
    }

    @Test
    void whatAnInstancePrintsIsInItsLog() throws IOException {
        LaunchRequest request = running("echo hello from here");
        LocalCloud cloud = of(installation);
        assertThat(cloud.start(request)).isInstanceOf(Launch.Started.class);
        for (int i = 0; Files.readString(cloud.log(request.claim())).isEmpty() && again(i); i++) {
            continue;
        }
        assertThat(cloud.log(request.claim())).hasContent("hello from here");
    }

    @Test
    void checksNameThePoolThatIsTooLargeAndTheTypeThatIsNotThere() {
        Pool pool = request(new ClaimId("c"), "m5.large").pool();
        assertThat(of(installation).check(List.of(pool)))
                .anyMatch(it -> it.what().equals("type m5.large") && it.outcome() == Check.Outcome.BAD)
                .anyMatch(it -> it.what().equals("processes") && it.outcome() == Check.Outcome.GOOD);
    }

    @Test
    void aTagIsReadAsItWasWritten() {
        Tag tag = new Tag("mine", "here", new ClaimId("a b/c"), new Thing.Footprint(2, Money.of("0.25")));
        assertThat(Tag.of(tag.text())).contains(tag);
        assertThat(Tag.of("1\t2\t3")).isEmpty();
        assertThat(Tag.of("a\tb\tx\t1\tc")).isEmpty();
    }
}
