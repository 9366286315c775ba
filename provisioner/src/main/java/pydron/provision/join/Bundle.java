package pydron.provision.join;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// The worker as it is brought to machines.
///
/// @param hash SHA-256 of the file, hexadecimal: a machine keeps bundles by it
record Bundle(Path file, String hash) {
    static Bundle of(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            new DigestInputStream(in, digest).transferTo(OutputStream.nullOutputStream());
            return new Bundle(file.toAbsolutePath(), HexFormat.of().formatHex(digest.digest()));
        } catch (NoSuchFileException e) {
            throw new IOException("there is no worker bundle '" + file + "'; worker-image/bundle.sh makes it", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
