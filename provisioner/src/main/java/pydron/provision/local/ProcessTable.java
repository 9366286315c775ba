package pydron.provision.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The processes of this machine that carry a tag, as the kernel tells it.
///
/// A handle stands for one process by its number and the time at which it began, so a signal never reaches
/// another one that was given the same number since.
final class ProcessTable {
    private final Path folder;

    record Entry(ProcessHandle process, Tag tag) {}

    /// @param folder `/proc`
    ProcessTable(Path folder) {
        this.folder = folder;
    }

    /// Processes of other users, whose environment is hidden from us, are not ours.
    ///
    /// @throws IOException the table cannot be read at all
    List<Entry> entries() throws IOException {
        List<Entry> result = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, "[0-9]*")) {
            for (Path one : all) {
                entry(one).ifPresent(result::add);
            }
        } catch (java.nio.file.DirectoryIteratorException e) {
            throw e.getCause();
        }
        return result;
    }

    private static Optional<Entry> entry(Path folder) {
        long pid = Long.parseLong(folder.getFileName().toString());
        // First the handle, then the variable: when it is another process by now, the handle is not alive.
        Optional<ProcessHandle> handle = ProcessHandle.of(pid);
        return handle.flatMap(it -> tag(folder).map(tag -> new Entry(it, tag)))
                .filter(it -> it.process().isAlive());
    }

    /// Those that have ended and were not waited for have no environment any more.
    private static Optional<Tag> tag(Path folder) {
        String environment;
        try {
            environment = new String(Files.readAllBytes(folder.resolve("environ")), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return Optional.empty(); // It has just ended, or is another user's.
        }
        String start = Tag.VARIABLE + "=";
        for (String variable : environment.split("\0")) {
            if (variable.startsWith(start)) {
                return Tag.of(variable.substring(start.length()));
            }
        }
        return Optional.empty();
    }
}
