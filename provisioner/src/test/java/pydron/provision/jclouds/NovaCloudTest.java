package pydron.provision.jclouds;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import pydron.provision.cloud.Cloud;
import pydron.provision.cloud.CloudContract;
import pydron.provision.cloud.Listing;
import pydron.provision.model.Thing;
import pydron.provision.openstack.AccessFinder;

/// A real OpenStack does what every cloud must do.
@Tag("clouds")
class NovaCloudTest extends CloudContract {
    private final OpenStackLab lab = new OpenStackLab();
    private final String installation = "test-" + UUID.randomUUID().toString().substring(0, 13);
    private final NovaCloud cloud = of(installation, lab.user());
    private boolean quotaChanged;

    private NovaCloud of(String id, Map<String, String> variables) {
        return NovaCloud.open("lab", id, new AccessFinder(lab.around(variables)).named("", ""), NovaOptions.DEFAULT);
    }

    @Override
    protected Cloud cloud() {
        return cloud;
    }

    @Override
    protected Cloud ofAnotherInstallation() {
        return of("another-" + installation, lab.user());
    }

    @Override
    protected Cloud withWrongCredentials() {
        Map<String, String> wrong = new HashMap<>(lab.user());
        wrong.put("OS_PASSWORD", "wrong");
        return of(installation, wrong);
    }

    @Override
    protected String type() {
        return "m1.small";
    }

    @Override
    protected void exhaustQuota() {
        quotaChanged = true;
        lab.quota("instances", lab.used());
    }

    @Override
    protected boolean again(int times) {
        try {
            Thread.sleep(250);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return times < 80;
    }

    @AfterEach
    void nothingStays() {
        if (quotaChanged) {
            lab.resetQuota();
        }
        for (int times = 0; ; times++) {
            Listing.Seen seen = (Listing.Seen) cloud.list();
            if (seen.things().stream().allMatch(it -> it.life() == Thing.Life.ENDED)) {
                break;
            }
            assertThat(again(times)).as("%s stays", seen.things()).isTrue();
            for (Thing thing : seen.things()) {
                cloud.remove(thing.kind(), thing.id());
            }
        }
        cloud.close();
    }

    @Test
    void theNameIsThatOfTheSettings() {
        assertThat(cloud.name()).isEqualTo("lab");
        assertThat(cloud.honoursTokens()).isFalse();
    }
}
