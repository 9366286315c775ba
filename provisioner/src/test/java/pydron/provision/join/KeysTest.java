package pydron.provision.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.provision.model.ClaimId;

class KeysTest {
    private static final ClaimId A = new ClaimId("claim-a");
    private static final ClaimId B = new ClaimId("claim-b");

    @TempDir
    Path folder;

    private JoinKeys keys() throws IOException {
        return JoinKeys.open(folder.resolve("keys"));
    }

    private static X509Certificate parsed(String pem) throws GeneralSecurityException {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void whatFollowsFromAClaimIsTheSameInTheNextProcess() throws IOException {
        JoinKeys first = keys();
        JoinKeys second = keys();
        assertThat(second.token(A)).isEqualTo(first.token(A)).isNotEqualTo(first.token(B));
        assertThat(second.hostKeyPublic(A)).isEqualTo(first.hostKeyPublic(A)).isNotEqualTo(first.hostKeyPublic(B));
        assertThat(first.isToken(A, first.token(A))).isTrue();
        assertThat(first.isToken(B, first.token(A))).isFalse();
        assertThat(first.isToken(A, "")).isFalse();
    }

    @Test
    void secretsAreTheUsersAlone() throws IOException {
        keys();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("keys"))))
                .isEqualTo("rwx------");
        for (String file : List.of("secret", "authority.key", "tunnel")) {
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(folder.resolve("keys").resolve(file))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void twoProcessesAtATimeGetTheSame() throws Exception {
        Set<String> tokens = ConcurrentHashMap.newKeySet();
        List<Thread> threads = new java.util.ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    tokens.add(keys().token(A));
                } catch (IOException e) {
                    tokens.add(e.toString());
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(tokens).hasSize(1);
        try (var files = Files.list(folder)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void aDamagedFileIsNamedWithTheWayOut() throws IOException {
        keys();
        Files.writeString(folder.resolve("keys/secret"), "abc");
        assertThatThrownBy(this::keys)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("keys/secret")
                .hasMessageContaining("remove the folder");
    }

    @Test
    void aWorkersCertificateIsNoneOfTheSchedulers() throws Exception {
        X509Certificate worker = parsed(keys().worker(A).certificate());
        X509Certificate scheduler = parsed(keys().scheduler().certificate());
        X509Certificate authority = parsed(keys().worker(A).authority());
        worker.verify(authority.getPublicKey());
        scheduler.verify(authority.getPublicKey());
        assertThat(worker.getSubjectX500Principal().getName()).isEqualTo("CN=claim-a");
        assertThat(worker.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
        assertThat(scheduler.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(worker.getBasicConstraints()).isEqualTo(-1);
        assertThat(Duration.between(
                        java.time.Instant.now(), worker.getNotAfter().toInstant()))
                .isLessThan(Duration.ofDays(8));
    }

    @Test
    void aTokenWorksForOneWorkerAlsoAfterARestart() throws IOException {
        JoinKeys keys = keys();
        Path used = folder.resolve("tokens");
        Tokens tokens = new Tokens(keys, used, it -> true);
        assertThat(tokens.refusal("claim-a", keys.token(A), "w1")).isEmpty();
        assertThat(tokens.refusal("claim-a", keys.token(A), "w1")).isEmpty();
        assertThat(tokens.refusal("claim-a", keys.token(A), "w2"))
                .get()
                .asString()
                .contains("has been used");
        assertThat(tokens.refusal("claim-a", keys.token(B), "w1"))
                .get()
                .asString()
                .contains("is not that of");
        Files.writeString(used, Files.readString(used) + "\nclaim-b w"); // a crash in the middle of a line
        Tokens next = new Tokens(keys, used, it -> true);
        assertThat(next.refusal("claim-a", keys.token(A), "w2")).isPresent();
        assertThat(next.refusal("claim-a", keys.token(A), "w1")).isEmpty();
        assertThat(next.refusal("claim-b", keys.token(B), "w3")).isEmpty();
        assertThat(new Tokens(keys, used, it -> true).refusal("claim-b", keys.token(B), "w4"))
                .isPresent();
    }

    @Test
    void aClaimThatIsOverAndHostileNamesAreRefused() throws IOException {
        JoinKeys keys = keys();
        Tokens tokens = new Tokens(keys, folder.resolve("tokens"), it -> false);
        assertThat(tokens.refusal("claim-a", keys.token(A), "w1"))
                .get()
                .asString()
                .contains("is over");
        assertThat(tokens.refusal("", "", "w")).isPresent();
        assertThat(tokens.refusal("a\nb", keys.token(new ClaimId("a\nb")), "w")).isPresent();
        assertThat(tokens.refusal("x".repeat(100), "", "w")).isPresent();
        assertThat(tokens.refusal("claim-a", keys.token(A), "w 1")).isPresent();
    }

    @Test
    void hostsThatWouldBeOptionsAreNone() {
        assertThatThrownBy(() -> Destination.of("-oProxyCommand=x")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Destination.hosted("-oProxyCommand=x")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Destination.hosted("-x@host")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Destination.hosted("a b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Destination.hosted("host:70000")).isInstanceOf(IllegalArgumentException.class);
        assertThat(Destination.of(Destination.hosted("me@host:2222").address()))
                .isEqualTo(Destination.hosted("me@host:2222"));
        assertThat(Destination.hosted("me@host:2222").toString()).isEqualTo("me@host:2222");
        assertThat(Destination.hosted("my_alias").host()).isEqualTo("my_alias");
    }
}
