package pydron.worker;

import java.net.URI;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import pydron.proto.Hello;
import pydron.wire.Release;

/// What a worker on an instance shows when it joins, and where it passes on how long its machine may live.
///
/// @param mark    the part of the worker's identity that stays the same when it is started again on this machine
/// @param build   of the worker's code, Java and Python
/// @param claim   what the machine was started for
/// @param token   the secret that came with the claim
/// @param leaseFile read by the machine's watchdog: seconds since boot at which the machine ends
/// @param moduleFolder for the user's own modules, kept from one job to the next
/// @param recalls      where a machine that may be taken back learns that it is, as [Recall] asks
public record Membership(
        String mark,
        String build,
        String claim,
        String token,
        Path leaseFile,
        Path moduleFolder,
        Optional<URI> recalls) {
    public Membership {
        if (!mark.matches("[0-9a-f-]{8,36}")) {
            throw new IllegalArgumentException("'" + mark + "' is no mark of a worker");
        }
        Objects.requireNonNull(build);
        Objects.requireNonNull(claim);
        Objects.requireNonNull(token);
        Objects.requireNonNull(leaseFile);
        Objects.requireNonNull(moduleFolder);
        Objects.requireNonNull(recalls);
    }

    /// What the scheduler is to see of it.
    void describe(Hello.Builder hello) {
        hello.setClaim(claim).setToken(token).setRelease(Release.version()).setBuild(build);
    }

    /// For what programs require, installed, kept from one job to the next.
    public Path environmentFolder() {
        return moduleFolder.resolveSibling("environments");
    }

    /// The token is not for logs.
    @Override
    public String toString() {
        return "Membership[claim=" + claim + "]";
    }
}
