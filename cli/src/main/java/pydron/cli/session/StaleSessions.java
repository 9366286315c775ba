package pydron.cli.session;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/// Removes what a pydron that was killed outright could not remove itself.
public final class StaleSessions {
    /// Between making a folder and making its lock file an instant passes; nothing takes this long.
    private static final Duration YOUNG = Duration.ofMinutes(1);

    private StaleSessions() {}

    /// Looks everywhere that sessions of this user may lie; where a place was chosen, only there. Never fails: what
    /// cannot be removed stays.
    public static int remove(Map<String, String> environment) {
        Set<Path> places = new LinkedHashSet<>(Session.places(environment));
        int removed = 0;
        for (Path place : places) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(place, Session.prefix() + "*")) {
                for (Path folder : found) {
                    if (!Session.isOwn(folder) && isMine(folder) && isAbandoned(folder)) {
                        Trees.delete(folder);
                        removed++;
                    }
                }
            } catch (IOException e) {
                continue; // not a folder of this machine, or not readable: nothing of ours is in it
            }
        }
        return removed;
    }

    /// The places are open to everyone: what another user has put there is not touched, nor followed.
    private static boolean isMine(Path folder) throws IOException {
        return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                && Trees.ownUid() == (int) Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    }

    private static boolean isAbandoned(Path folder) {
        try (FileChannel channel = FileChannel.open(
                        folder.resolve(Session.LOCK), StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileLock lock = channel.tryLock()) {
            return lock != null;
        } catch (IOException e) {
            return isOld(folder);
        }
    }

    private static boolean isOld(Path folder) {
        try {
            return Files.getLastModifiedTime(folder)
                    .toInstant()
                    .isBefore(Instant.now().minus(YOUNG));
        } catch (IOException e) {
            return false;
        }
    }
}
