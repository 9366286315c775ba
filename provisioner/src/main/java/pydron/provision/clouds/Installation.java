package pydron.provision.clouds;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Objects;
import java.util.regex.Pattern;

/// One user's Pydron on one machine, as clouds know it: everything that it makes carries its identity, and
/// nothing without that is ever touched.
///
/// @param id made at random at first need, and kept: with another one, what runs would be nobody's
/// @param folder for what has to outlive a service; only its owner can enter
public record Installation(String id, Path folder) {
    private static final String FILE = "installation";
    private static final Pattern ID = Pattern.compile("[a-z0-9-]{8,40}");

    public Installation {
        Objects.requireNonNull(folder);
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException(
                    "'" + id + "' is no identity of an installation: 8 to 40 of a-z, 0-9, -");
        }
    }

    /// Reads it, or makes it. Two processes that do so at the same time get the same.
    ///
    /// @throws IOException the folder cannot be used, or its file holds something else
    public static Installation open(Path folder) throws IOException {
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path file = folder.resolve(FILE);
        if (Files.notExists(file)) {
            make(file);
        }
        String id = Files.readString(file).strip();
        if (!ID.matcher(id).matches()) {
            throw new IOException("'" + file + "' does not hold the identity of this installation");
        }
        return new Installation(id, folder);
    }

    /// Written beside it and then linked, so that it is whole or absent, and never replaced.
    private static void make(Path file) throws IOException {
        byte[] random = new byte[8];
        new SecureRandom().nextBytes(random);
        Path draft = Files.createTempFile(file.getParent(), FILE, ".new");
        try {
            Files.writeString(draft, HexFormat.of().formatHex(random) + "\n");
            Files.createLink(file, draft);
        } catch (FileAlreadyExistsException e) {
            // Another process was quicker: its identity is ours.
        } finally {
            Files.delete(draft);
        }
    }
}
