package pydron.cli.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.cli.CommandFailure;

class SessionTest {
    @TempDir
    Path place;

    private Map<String, String> environment;

    @BeforeEach
    void useOwnPlace() {
        environment = Map.of("PYDRON_TMPDIR", place.toString());
    }

    @Test
    void folderIsPrivateAndGoesWithTheSession() throws IOException {
        Path folder;
        try (Session session = Session.create(environment)) {
            folder = session.folder();
            assertThat(folder.getParent()).isEqualTo(place);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                    .isEqualTo("rwx------");
            assertThat(session.values()).isDirectory();
            Files.createDirectories(session.values().resolve("a/b"));
            Files.writeString(session.values().resolve("a/b/c"), "x");
        }
        assertThat(folder).doesNotExist();
    }

    @Test
    void linksAreRemovedNotFollowed() throws IOException {
        Path precious = Files.writeString(place.resolve("precious"), "x");
        try (Session session = Session.create(environment)) {
            Files.createSymbolicLink(session.folder().resolve("link"), place);
        }
        assertThat(precious).exists();
    }

    @Test
    void aLivingSessionIsNotStale() {
        try (Session session = Session.create(environment)) {
            assertThat(StaleSessions.remove(environment)).isZero();
            assertThat(session.folder()).exists();
        }
    }

    /// The lock of a process on a file is gone when the process closes the file, even by another descriptor. So whether
    /// it still stands after a search can only be seen from outside.
    @Test
    void lookingForStaleSessionsDoesNotDropTheLockOfOnesOwn() throws IOException, InterruptedException {
        try (Session session = Session.create(environment)) {
            StaleSessions.remove(environment);
            Process other = new ProcessBuilder(
                            "python3",
                            "-c",
                            "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'a'), fcntl.LOCK_EX | fcntl.LOCK_NB)",
                            session.folder().resolve(Session.LOCK).toString())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(other.waitFor()).isEqualTo(1);
            assertThat(said).contains("BlockingIOError");
        }
    }

    @Test
    void whatADeadProcessLeftIsRemoved() throws IOException {
        Path dead = Files.createDirectory(place.resolve(Session.prefix() + "dead"));
        Files.createFile(dead.resolve(Session.LOCK));
        Files.writeString(dead.resolve("value"), "x");
        assertThat(StaleSessions.remove(environment)).isEqualTo(1);
        assertThat(dead).doesNotExist();
    }

    @Test
    void aFolderWithoutLockIsStaleOnceItIsOld() throws IOException {
        Path unfinished = Files.createDirectory(place.resolve(Session.prefix() + "unfinished"));
        assertThat(StaleSessions.remove(environment)).isZero();
        Files.setLastModifiedTime(unfinished, FileTime.from(Instant.now().minusSeconds(120)));
        assertThat(StaleSessions.remove(environment)).isEqualTo(1);
    }

    @Test
    void othersAreLeftAlone() throws IOException {
        Path other = Files.createDirectory(place.resolve("pydron-notes"));
        Path link = Files.createSymbolicLink(place.resolve(Session.prefix() + "link"), other);
        StaleSessions.remove(environment);
        assertThat(other).exists();
        assertThat(Files.isSymbolicLink(link)).isTrue();
    }

    @Test
    void noPlaceToWriteTo() {
        assertThatThrownBy(() -> Session.create(Map.of("PYDRON_TMPDIR", place + "/none")))
                .isInstanceOf(CommandFailure.class)
                .hasMessage("cannot make a folder for temporary files: '" + place + "/none': no such folder");
    }

    @Test
    void placeWithALongName() {
        String place = "/tmp/" + "x".repeat(80);
        assertThatThrownBy(() -> Session.create(Map.of("PYDRON_TMPDIR", place)))
                .hasMessage("cannot make a folder for temporary files: '" + place
                        + "': the path is too long for a socket in it (at most 67 bytes)");
    }
}
