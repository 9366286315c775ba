package pydron.provision.clouds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.provision.cloud.Check;
import pydron.provision.cloud.Listing;
import pydron.provision.model.Problem;
import pydron.provision.settings.CloudSettings;

class OpenStackSettingsTest {
    @TempDir
    Path folder;

    private Clouds.Opened open(CloudSettings.Image image) {
        return Clouds.open(
                new CloudSettings.OpenStack("no-such-cloud-of-anybody", "", image, CloudSettings.Network.ANY, ""),
                "lab",
                new Installation("test-1234", folder));
    }

    @Test
    void whatIsWrongIsTheAnswerOfTheFirstCall() {
        Clouds.Opened opened = open(CloudSettings.Image.ANY);
        assertThat(opened.cloud().name()).isEqualTo("lab");
        assertThat(opened.cloud().list())
                .isInstanceOfSatisfying(
                        Listing.Failed.class,
                        it -> assertThat(it.problem())
                                .isInstanceOf(Problem.Unauthorized.class)
                                .extracting(Problem::detail)
                                .asString()
                                .contains("no-such-cloud-of-anybody"));
        assertThat(opened.account().offers()).isEmpty();
        assertThat(opened.account().check(List.of())).extracting(Check::outcome).containsExactly(Check.Outcome.BAD);
    }

    @Test
    void theSizeOfADiskIsAFlavorsMatter() {
        assertThatThrownBy(() -> open(new CloudSettings.Image("", 20)))
                .isInstanceOf(Clouds.Unsupported.class)
                .hasMessage("cloud 'lab': 'root-gib' cannot be used: on OpenStack a flavor says how large the disk is");
    }
}
