package pydron.provision.join;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.util.OpenSSHPrivateKeyUtil;
import org.bouncycastle.crypto.util.OpenSSHPublicKeyUtil;
import pydron.provision.model.ClaimId;

/// The secrets of one installation: the authority of its certificates, the key that its tunnels log in with, and a
/// secret from which every claim's token and host key follow. So nothing is written down for a claim: a service that
/// starts anew knows the instances of the one before.
public final class JoinKeys {
    private static final Duration OF_SCHEDULER = Duration.ofDays(365);
    private static final Duration OF_WORKER = Duration.ofDays(7);
    private static final String SECRET = "secret";
    private static final String AUTHORITY = "authority.pem";
    private static final String AUTHORITY_KEY = "authority.key";
    private static final String TUNNEL = "tunnel";
    private static final String TUNNEL_PUBLIC = "tunnel.pub";

    private final Path folder;
    private final byte[] secret;
    private final Certificates certificates;
    private final String tunnelPublic;

    private JoinKeys(Path folder, byte[] secret, Certificates certificates, String tunnelPublic) {
        this.folder = folder;
        this.secret = secret;
        this.certificates = certificates;
        this.tunnelPublic = tunnelPublic;
    }

    /// Opens them, and makes them when they are not there. Two processes at a time get the same.
    ///
    /// @param folder of its own, which only the user can enter
    /// @throws IOException in words for the user
    public static JoinKeys open(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            make(folder);
        }
        String at = "";
        try {
            at = SECRET;
            byte[] secret = HexFormat.of()
                    .parseHex(Files.readString(folder.resolve(SECRET)).strip());
            if (secret.length != 32) {
                throw new IOException("it is damaged");
            }
            at = AUTHORITY;
            Certificates certificates = new Certificates(new Certificates.Signed(
                    Files.readString(folder.resolve(AUTHORITY)), Files.readString(folder.resolve(AUTHORITY_KEY))));
            at = TUNNEL_PUBLIC;
            String tunnelPublic =
                    Files.readString(folder.resolve(TUNNEL_PUBLIC)).strip();
            return new JoinKeys(folder, secret, certificates, tunnelPublic);
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException(
                    "cannot use '" + folder.resolve(at) + "': " + e.getMessage() + "; end all instances ('pydron down"
                            + " --all'), then remove the folder '" + folder + "': new keys are made",
                    e);
        }
    }

    private static void make(Path folder) throws IOException {
        Files.createDirectories(folder.toAbsolutePath().getParent());
        Path made = Files.createTempDirectory(folder.toAbsolutePath().getParent(), ".keys");
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        write(made.resolve(SECRET), HexFormat.of().formatHex(secret) + "\n");
        Certificates.Signed authority =
                Certificates.newAuthority("Pydron " + HexFormat.of().formatHex(secret, 0, 4));
        write(made.resolve(AUTHORITY), authority.certificate());
        write(made.resolve(AUTHORITY_KEY), authority.key());
        Ed25519PrivateKeyParameters tunnel = new Ed25519PrivateKeyParameters(new SecureRandom());
        write(made.resolve(TUNNEL), privateText(tunnel));
        write(made.resolve(TUNNEL_PUBLIC), publicText(tunnel) + " pydron\n");
        try {
            Files.move(made, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            if (!Files.exists(folder)) {
                throw e;
            }
            try (Stream<Path> files = Files.list(made)) { // another process was quicker
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(made);
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, text);
    }

    private byte[] derive(String what, ClaimId claim) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return mac.doFinal((what + " " + claim.value()).getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HMAC-SHA-256", e);
        }
    }

    /// What a machine shows to get in for the claim.
    public String token(ClaimId claim) {
        return HexFormat.of().formatHex(derive("token", claim));
    }

    /// In constant time.
    boolean isToken(ClaimId claim, String token) {
        return MessageDigest.isEqual(
                token(claim).getBytes(StandardCharsets.US_ASCII), token.getBytes(StandardCharsets.UTF_8));
    }

    private Ed25519PrivateKeyParameters hostKeyOf(ClaimId claim) {
        return new Ed25519PrivateKeyParameters(derive("host key", claim), 0);
    }

    /// The private key by which the claim's machine is known to be the right one, in the form of OpenSSH.
    String hostKey(ClaimId claim) {
        return privateText(hostKeyOf(claim));
    }

    /// `ssh-ed25519 AAAA…`
    String hostKeyPublic(ClaimId claim) {
        return publicText(hostKeyOf(claim));
    }

    private static String privateText(Ed25519PrivateKeyParameters key) {
        try {
            return Certificates.pem("OPENSSH PRIVATE KEY", OpenSSHPrivateKeyUtil.encodePrivateKey(key));
        } catch (IOException e) {
            throw new IllegalStateException("a key cannot be written down", e);
        }
    }

    private static String publicText(Ed25519PrivateKeyParameters key) {
        try {
            byte[] blob = OpenSSHPublicKeyUtil.encodePublicKey(key.generatePublicKey());
            return "ssh-ed25519 " + Base64.getEncoder().encodeToString(blob);
        } catch (IOException e) {
            throw new IllegalStateException("a key cannot be written down", e);
        }
    }

    /// The private key that tunnels log in with: a file, for `ssh -i`.
    Path tunnelKey() {
        return folder.resolve(TUNNEL);
    }

    /// `ssh-ed25519 AAAA… pydron`
    String tunnelKeyPublic() {
        return tunnelPublic;
    }

    /// For the scheduler's end of TLS. To be asked for anew by each process.
    public TlsIdentity scheduler() {
        return scheduler(Set.of());
    }

    /// @param hosts names and addresses by which it is reached without a tunnel; they are in the certificate, too
    public TlsIdentity scheduler(Set<String> hosts) {
        return certificates.scheduler(hosts, OF_SCHEDULER);
    }

    /// For the end of the claim's worker. Short-lived: brought anew with each tunnel.
    public TlsIdentity worker(ClaimId claim) {
        return certificates.worker(claim.value(), OF_WORKER);
    }
}
