package pydron.provision.join;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.provision.cloud.Check;
import pydron.provision.cloud.Launch;
import pydron.provision.cloud.LaunchRequest;
import pydron.provision.cloud.Listing;
import pydron.provision.guests.Guests;
import pydron.provision.model.Address;
import pydron.provision.model.Claim;
import pydron.provision.model.ClaimId;
import pydron.provision.model.Machine;
import pydron.provision.model.Pool;
import pydron.provision.model.Thing;
import pydron.provision.ssh.Hosts;
import pydron.provision.ssh.SshCloud;

/// Workers that join from machines of their own.
@Tag("guests")
class JoinTest {
    private static final Duration LEASE = Duration.ofMinutes(5);

    @TempDir
    Path folder;

    private Guests guests;
    private Installation installation;

    @BeforeEach
    void open() throws Exception {
        guests = Guests.open();
        installation = new Installation(folder);
    }

    @AfterEach
    void close() throws Exception {
        installation.close();
        guests.close();
    }

    private Path script(String text) throws Exception {
        Path project = Files.createDirectories(folder.resolve("project"));
        Path script = project.resolve("script.py");
        Files.writeString(script, text);
        return script;
    }

    @Test
    void aWorkerJoinsThroughTheTunnelAndRunsTasksWithTheUsersOwnModules() throws Exception {
        Path script = script("""
                import pydron
                import helper
                from tools.deep import cube

                @pydron.functional
                def measure(x):
                    import late
                    import socket
                    return helper.square(x) + cube(x) + late.ONE, socket.gethostname()

                @pydron.schedule
                def main():
                    total = 0
                    hosts = set()
                    for x in range(40):
                        value, host = measure(x)
                        total += value
                        hosts.add(host)
                    return total, hosts

                if __name__ == "__main__":
                    print(main())
                """);
        Path project = script.getParent();
        Files.writeString(project.resolve("helper.py"), "def square(x):\n    return x * x\n");
        Files.writeString(project.resolve("late.py"), "ONE = 1\n");
        Files.createDirectories(project.resolve("tools"));
        Files.writeString(project.resolve("tools/__init__.py"), "");
        Files.writeString(
                project.resolve("tools/deep.py"), "from . import base\ndef cube(x):\n    return base.TRIPLE(x)\n");
        Files.writeString(project.resolve("tools/base.py"), "TRIPLE = lambda x: x ** 3\n");

        Claim claim = Installation.claim("claim-1");
        Guests.Guest guest = guests.boot("guest-1", installation.userData(claim, LEASE));
        installation.joining().reach(Map.of(claim.id(), List.of(guest.address())));
        installation.awaitWorker(claim);

        int expected = 0;
        for (int x = 0; x < 40; x++) {
            expected += x * x + x * x * x + 1;
        }
        assertThat(Installation.output(installation.script(script))).isEqualTo("(" + expected + ", {'guest-1'})\n");
        assertThat(installation.joining().reports().get(claim.id()).stage()).isEqualTo(JoinReport.Stage.RUNNING);
    }

    /// What somebody has put into the bucket in the bundle's place is fetched, looked at, and thrown away.
    @Test
    void aBundleThatArrivesDamagedIsBroughtOverSsh() throws Exception {
        AtomicInteger fetched = new AtomicInteger();
        HttpServer elsewhere = HttpServer.create(new InetSocketAddress(Guests.host(), 0), 0);
        elsewhere.createContext("/", exchange -> {
            try (exchange) {
                fetched.incrementAndGet();
                exchange.sendResponseHeaders(200, 7);
                exchange.getResponseBody().write("damaged".getBytes(StandardCharsets.US_ASCII));
            }
        });
        elsewhere.start();
        URI address = URI.create(
                "http://" + Guests.host() + ":" + elsewhere.getAddress().getPort() + "/bundle");
        Staging damaged = new Staging() {
            @Override
            public Staged stage(Path file, String hash) {
                return new Staged.At(address);
            }

            @Override
            public List<Check> check() {
                return List.of();
            }
        };
        Claim claim = Installation.claim("claim-9");
        try (Joining joining = new Joining(
                installation.keys,
                Installation.options(installation.port),
                new Ways() {
                    @Override
                    public Optional<Staging> staging(ClaimId id) {
                        return Optional.of(damaged);
                    }
                },
                folder.resolve("ssh"))) {
            Guests.Guest guest = guests.boot("guest-9", installation.userData(claim, LEASE));
            joining.reach(Map.of(claim.id(), List.of(guest.address())));
            installation.awaitWorker(claim);
            assertThat(fetched.get()).isEqualTo(1);
            assertThat(guest.run("ls -A ~pydron/.pydron/bundles").strip()).matches("[0-9a-f]{64}");
        } finally {
            elsewhere.stop(0);
        }
    }

    @Test
    void aMachineWhoseLeaseIsOverEnds() throws Exception {
        Claim claim = Installation.claim("claim-2");
        Guests.Guest guest = guests.boot("guest-2", installation.userData(claim, Duration.ofSeconds(9)));
        Instant booted = Instant.now();
        installation.joining().reach(Map.of(claim.id(), List.of(guest.address())));
        installation.awaitWorker(claim);
        // A renewed lease is heard of: the first one, and two seconds until the watchdog looks, would be over.
        installation.scheduler.instances().lease("claim-2", Duration.ofSeconds(12));
        Thread.sleep(Duration.ofSeconds(12).minus(Duration.between(booted, Instant.now())));
        assertThat(guest.running()).isTrue();
        // Then nobody renews it. The worker is dead, too.
        guest.run("pkill -KILL java");
        assertThat(guest.awaitEnd(Duration.ofSeconds(20))).isTrue();
    }

    /// One machine comes through a tunnel; the sshd of the other allows none, and its worker connects directly.
    @Test
    void aNetworkThatIsCutForAWhileLosesNothingWithATunnelAndWithout() throws Exception {
        Path script = script("""
                import socket
                import time
                import pydron

                @pydron.functional
                def slow(x):
                    time.sleep(0.5)
                    return bytes([x % 256]) * 200_000, socket.gethostname()

                @pydron.schedule
                def main():
                    total = 0
                    hosts = set()
                    for x in range(60):
                        part, host = slow(x)
                        total += len(part) * part[0]
                        hosts.add(host)
                    return total, sorted(hosts)

                print(main())
                """);
        Claim far = Installation.claim("claim-3");
        Claim near = Installation.claim("claim-10");
        Address door = installation.direct(near);
        Guests.Guest tunnelled = guests.boot("guest-3", installation.userData(far, LEASE));
        Guests.Guest reaching = guests.boot(
                "guest-10",
                "#!/bin/sh\necho 'AllowTcpForwarding no' >> /etc/ssh/sshd_config\n"
                        + installation.userData(near, LEASE));
        installation
                .joining()
                .reach(Map.of(far.id(), List.of(tunnelled.address()), near.id(), List.of(reaching.address())));
        installation.awaitWorker(far);
        installation.awaitWorker(near);
        assertThat(tunnelled.run("cat ~pydron/.pydron/claims/claim-3/gateway").strip())
                .matches("[0-9]+");
        assertThat(isConnected(reaching, door)).isTrue();
        String worker = installation.worker(near).orElseThrow().workerId();
        Process running = installation.script(script);
        for (Claim claim : List.of(far, near)) {
            installation.await(
                    "a task of " + claim.id(),
                    Duration.ofSeconds(20),
                    () -> installation.worker(claim).orElseThrow().done() > 3);
        }
        tunnelled.cut();
        reaching.cut();
        for (Claim claim : List.of(far, near)) {
            installation.await(
                    "the cut of " + claim.id(),
                    Duration.ofSeconds(40),
                    () -> installation.joining().reports().get(claim.id()).stage() == JoinReport.Stage.CUT);
        }
        tunnelled.mend();
        reaching.mend();
        assertThat(Installation.output(running))
                .isEqualTo("(" + 200_000 * (59 * 60 / 2) + ", ['guest-10', 'guest-3'])\n");
        installation.awaitWorker(far);
        installation.awaitWorker(near);
        assertThat(installation.worker(near).orElseThrow().workerId()).isEqualTo(worker);
        // Settings that change count for a machine that runs.
        Address another = installation.direct(far);
        installation.await("the other way", Duration.ofSeconds(20), () -> isConnected(tunnelled, another));
        installation.awaitWorker(far);
    }

    /// By what Linux says of its connections.
    private static boolean isConnected(Guests.Guest guest, Address to) {
        String established = ":%04X 01 ".formatted(to.port());
        return guest.run("cat /proc/net/tcp /proc/net/tcp6").contains(established);
    }

    @Test
    void aTokenWorksForOneMachine() throws Exception {
        Claim claim = Installation.claim("claim-4");
        String userData = installation.userData(claim, LEASE);
        Guests.Guest first = guests.boot("guest-4", userData);
        installation.joining().reach(Map.of(claim.id(), List.of(first.address())));
        // The same user data on another machine: it can be reached, and its worker is not let in.
        Guests.Guest second = guests.boot("guest-5", userData);
        installation.awaitWorker(claim);
        try (Joining other = new Joining(installation.keys, Installation.options(installation.port))) {
            other.reach(Map.of(claim.id(), List.of(second.address())));
            installation.await(
                    "the refusal",
                    Duration.ofSeconds(40),
                    () -> other.reports()
                            .get(claim.id())
                            .text()
                            .contains("the token of claim 'claim-4' has been used by another worker"));
        }
        assertThat(installation.worker(claim).orElseThrow().host()).isEqualTo("guest-4");
    }

    @Test
    void aMachineThatIsNotOursIsNotTrusted() throws Exception {
        Claim claim = Installation.claim("claim-6");
        installation.open.add(claim.id());
        // The user data of another claim: our key would get in, but it shows another host key, as a machine does that
        // has not run its user data yet. Patience ends later (CourseTest).
        Guests.Guest guest = guests.boot("guest-6", installation.userData(Installation.claim("claim-7"), LEASE));
        installation.joining().reach(Map.of(claim.id(), List.of(guest.address())));
        installation.await(
                "the doubt",
                Duration.ofSeconds(20),
                () -> installation
                        .joining()
                        .reports()
                        .get(claim.id())
                        .text()
                        .contains("its user data has not run yet"));
        assertThat(installation.worker(claim)).isEmpty();
    }

    @Test
    void aHostOfTheUsersOwnServesAndIsLeftAsItWas() throws Exception {
        try (Hosts hosts = new Hosts(folder, 1)) {
            Guests.Guest host = hosts.machines.getFirst();
            SshCloud cloud = SshCloud.open(
                    "hosts", "ours-0001", hosts.names(), Optional.of(hosts.identity), Optional.of(hosts.config));
            Claim claim = Installation.claim("claim-8");
            Launch launch = cloud.start(
                    new LaunchRequest(claim.id(), claim.pool(), LEASE, installation.userData(claim, LEASE)));
            assertThat(launch).isInstanceOf(Launch.Failed.class); // the pool's type is another
            Pool pool = new Pool(
                    "hosts",
                    new Machine("hosts", SshCloud.TYPE, ""),
                    claim.pool().size(),
                    claim.pool().price(),
                    Duration.ofSeconds(10));
            launch = cloud.start(new LaunchRequest(claim.id(), pool, LEASE, installation.userData(claim, LEASE)));
            assertThat(launch).isInstanceOf(Launch.Started.class);
            Thing thing = ((Listing.Seen) cloud.list()).things().getFirst();
            installation.joining().reach(Map.of(claim.id(), thing.addresses()));
            installation.awaitWorker(claim);
            assertThat(host.run("ps -eo user,args | grep -c '^me .*pydron.worker.Main'")
                            .strip())
                    .isEqualTo("1");
            // Killed outright, it can remove nothing of its own.
            host.run("pkill -KILL java");
            cloud.remove(thing.kind(), thing.id());
            installation.joining().reach(Map.of());
            // The watchdog looks every two seconds whether it is still needed.
            installation.await(
                    "an empty host",
                    Duration.ofSeconds(8),
                    () -> host.run("ps -u me -o args= | grep -v sshd | cat").isBlank());
            assertThat(host.run("ls -A ~me/.pydron/claims /dev/shm /tmp")
                            .lines()
                            .filter(it -> it.contains("pydron-")))
                    .isEmpty();
            assertThat(host.running()).isTrue();
        }
    }
}
