package pydron.provision.join;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.provision.guests.Guests;
import pydron.provision.model.Claim;

/// A machine from `worker-image/Dockerfile`: nothing has to be brought to it.
@Tag("guests")
class ImageTest {
    @TempDir
    Path folder;

    @Test
    void aMachineOfTheImageJoinsWithTheBundleThatItHas() throws Exception {
        String image = System.getProperty("pydron.image", "");
        assertThat(image).as("the image, -Dpydron.image").isNotEmpty();
        try (Guests guests = Guests.of(image);
                Installation installation = new Installation(folder)) {
            Claim claim = Installation.claim("claim-i");
            Guests.Guest guest = guests.boot("guest-i", installation.userData(claim, Duration.ofMinutes(5)));
            installation.joining().reach(Map.of(claim.id(), List.of(guest.address())));
            installation.awaitWorker(claim);
            Path script = Files.writeString(
                    Files.createDirectories(folder.resolve("project")).resolve("script.py"), """
                    import pydron

                    @pydron.functional
                    def square(n):
                        return n * n

                    @pydron.schedule
                    def main():
                        return sum([square(n) for n in range(5)])

                    print(main())
                    """);
            assertThat(Installation.output(installation.script(script))).isEqualTo("30\n");
            assertThat(guest.run("ls ~pydron/.pydron; ls /opt/pydron/bundles | wc -l"))
                    .doesNotContain("bundles")
                    .endsWith("1\n");
            installation.scheduler.instances().lease("claim-i", Duration.ofSeconds(1));
            assertThat(guest.awaitEnd(Duration.ofSeconds(20))).isTrue();
        }
    }
}
