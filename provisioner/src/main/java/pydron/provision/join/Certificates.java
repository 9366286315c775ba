package pydron.provision.join;

import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.IPAddress;

/// Certificates of one authority, made in code: a worker's is good for being a client, the scheduler's for being the
/// server, so that no worker can pass itself off as the scheduler.
final class Certificates {
    /// The name that workers expect of the scheduler, wherever the tunnel leads.
    static final String SCHEDULER = "pydron-scheduler";

    private static final Duration OF_AUTHORITY = Duration.ofDays(3650);

    /// The clock of an instance may be wrong at first.
    private static final Duration BEFORE = Duration.ofDays(1);

    private static final SecureRandom RANDOM = new SecureRandom();

    record Signed(String certificate, String key) {}

    private record Usage(KeyPurposeId purpose, List<GeneralName> names) {}

    private final X509Certificate authority;
    private final PrivateKey key;

    /// @throws IOException when one of the texts is not what it should be
    Certificates(Signed authority) throws IOException {
        try {
            this.authority = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new java.io.ByteArrayInputStream(
                            authority.certificate().getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
            try (PEMParser parser = new PEMParser(new StringReader(authority.key()))) {
                if (!(parser.readObject() instanceof org.bouncycastle.asn1.pkcs.PrivateKeyInfo info)) {
                    throw new IOException("there is no private key in it");
                }
                this.key = new org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter().getPrivateKey(info);
            }
        } catch (GeneralSecurityException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    static Signed newAuthority(String name) {
        KeyPair pair = pair();
        return sign(name(name), pair, name(name), pair.getPrivate(), OF_AUTHORITY, Optional.empty());
    }

    TlsIdentity worker(String claim, Duration valid) {
        return identity(claim, valid, new Usage(KeyPurposeId.id_kp_clientAuth, List.of()));
    }

    /// @param hosts beside the name that workers look for
    TlsIdentity scheduler(Set<String> hosts, Duration valid) {
        List<GeneralName> names = new ArrayList<>(List.of(new GeneralName(GeneralName.dNSName, SCHEDULER)));
        for (String host : new TreeSet<>(hosts)) {
            boolean address = IPAddress.isValid(host);
            names.add(new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, host));
        }
        return identity(SCHEDULER, valid, new Usage(KeyPurposeId.id_kp_serverAuth, names));
    }

    private TlsIdentity identity(String name, Duration valid, Usage usage) {
        // The name as it is in the certificate, byte by byte: chains are matched by it.
        X500Name issuer =
                X500Name.getInstance(authority.getSubjectX500Principal().getEncoded());
        Signed signed = sign(name(name), pair(), issuer, key, valid, Optional.of(usage));
        return new TlsIdentity(signed.certificate(), signed.key(), authorityPem());
    }

    private String authorityPem() {
        try {
            return pem("CERTIFICATE", authority.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate that was read cannot be written", e);
        }
    }

    private static X500Name name(String common) {
        return new X500NameBuilder().addRDN(BCStyle.CN, common).build();
    }

    private static KeyPair pair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has P-256", e);
        }
    }

    private static Signed sign(
            X500Name subject, KeyPair pair, X500Name issuer, PrivateKey by, Duration valid, Optional<Usage> usage) {
        try {
            Instant now = Instant.now();
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    issuer,
                    new BigInteger(120, RANDOM),
                    Date.from(now.minus(BEFORE)),
                    Date.from(now.plus(valid)),
                    subject,
                    pair.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(usage.isEmpty()));
            if (usage.isEmpty()) {
                builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
            } else {
                builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
                builder.addExtension(
                        Extension.extendedKeyUsage,
                        true,
                        new ExtendedKeyUsage(usage.get().purpose()));
                GeneralName[] names = usage.get().names().toArray(GeneralName[]::new);
                if (names.length > 0) {
                    builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
                }
            }
            X509Certificate certificate = new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(by)));
            return new Signed(
                    pem("CERTIFICATE", certificate.getEncoded()),
                    pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("cannot make a certificate for " + subject, e);
        }
    }

    static String pem(String type, byte[] der) {
        return "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END " + type + "-----\n";
    }
}
