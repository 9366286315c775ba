package pydron.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFolderTest {
    @TempDir
    Path place;

    private void old(String name) throws IOException {
        Files.setLastModifiedTime(
                place.resolve(name), FileTime.from(Instant.now().minusSeconds(3600)));
    }

    @Test
    void itIsItsOwnersOnlyAndGoesWithAllThatIsInIt() throws IOException {
        try (PrivateFolder folder = PrivateFolder.open(place, "a")) {
            assertThat(Files.getPosixFilePermissions(folder.path())).hasSize(3);
            Files.createDirectories(folder.path().resolve("x/y"));
        }
        assertThat(place).isEmptyDirectory();
    }

    @Test
    void whatAWorkerThatWasKilledHasLeftIsRemovedAndWhatIsInUseIsNot() throws IOException {
        Path left = Files.createDirectories(place.resolve("pydron-worker-dead/values"));
        Files.writeString(left.resolve("value"), "x");
        Files.writeString(left.resolveSibling("lock"), "");
        Files.createDirectory(place.resolve("pydron-worker-new"));
        Files.createDirectory(place.resolve("pydron-0-session"));
        old("pydron-worker-dead");
        old("pydron-0-session");
        try (PrivateFolder folder = PrivateFolder.open(place, "mine")) {
            old("pydron-worker-mine");
            PrivateFolder.removeAbandoned(place);
            assertThat(folder.path()).exists();
            assertThat(place.resolve("pydron-worker-dead")).doesNotExist();
            assertThat(place.resolve("pydron-worker-new"))
                    .as("may not be locked yet")
                    .exists();
            assertThat(place.resolve("pydron-0-session"))
                    .as("nobody's business")
                    .exists();
        }
    }

    @Test
    void theSameWorkerBeginsWithAnEmptyOne() throws IOException {
        Path before = Files.createDirectories(place.resolve("pydron-worker-a"));
        Files.writeString(before.resolve("w.sock"), "");
        try (PrivateFolder folder = PrivateFolder.open(place, "a")) {
            assertThat(folder.path().resolve("w.sock")).doesNotExist();
            assertThatThrownBy(() -> PrivateFolder.open(place, "a")).hasMessageContaining("in use by another worker");
        }
    }

    @Test
    void aFolderThatLooksLikeOneAndLeadsElsewhereIsNotFollowed() throws IOException {
        Path elsewhere = Files.createDirectory(place.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("precious"), "x");
        Files.createSymbolicLink(place.resolve("pydron-worker-link"), elsewhere);
        PrivateFolder.removeAbandoned(place);
        assertThat(elsewhere.resolve("precious")).exists();
        assertThatThrownBy(() -> PrivateFolder.open(place, "link")).isInstanceOf(IOException.class);
    }
}
