package pydron.provision.cloud;

import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;

/// The fake does what every adapter must do, with lists that are a minute behind.
class FakeCloudTest extends CloudContract implements FakeCloud.Clock {
    private final FakeCloud.Account account = new FakeCloud.Account();
    private final FakeCloud cloud = of("mine");
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    private FakeCloud of(String installation) {
        FakeCloud cloud = new FakeCloud("fake", installation, true, account, this, new SplittableRandom(1));
        cloud.faults.visibleAfter = Duration.ofSeconds(60);
        return cloud;
    }

    @Override
    public Instant now() {
        return now;
    }

    @Override
    public void pass(Duration time) {
        now = now.plus(time);
    }

    @Override
    protected Cloud cloud() {
        return cloud;
    }

    @Override
    protected Cloud ofAnotherInstallation() {
        return of("another");
    }

    @Override
    protected Cloud withWrongCredentials() {
        FakeCloud wrong = of("mine");
        wrong.faults.unauthorized = 1;
        return wrong;
    }

    @Override
    protected String type() {
        return "small";
    }

    @Override
    protected void exhaustQuota() {
        account.quota = 0;
    }

    @Override
    protected boolean again(int times) {
        pass(Duration.ofSeconds(10));
        return times < 20;
    }
}
