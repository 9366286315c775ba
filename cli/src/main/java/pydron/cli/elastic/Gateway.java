package pydron.cli.elastic;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;
import pydron.cli.Version;
import pydron.cli.local.KeptAnalyses;
import pydron.cli.local.LocalService;
import pydron.cli.session.Session;
import pydron.core.Core;
import pydron.core.Demand;
import pydron.provision.join.JoinKeys;
import pydron.provision.join.TlsIdentity;
import pydron.provision.join.Tokens;
import pydron.service.Instances;
import pydron.service.RemoteAccess;
import pydron.service.SchedulerConfig;
import pydron.service.SchedulerListener;
import pydron.service.SchedulerService;
import pydron.service.ServerIdentity;

/// The scheduler, with doors for workers of other machines.
final class Gateway implements AutoCloseable {
    /// A tunnel may be cut for a minute, and the tasks behind it run on.
    private static final Duration LEASE = Duration.ofSeconds(90);

    /// Told to programs that come before the first worker: they compute so much ahead.
    private static final int EXPECTED_SLOTS = 16;

    private final SchedulerService scheduler;
    private final JoinKeys keys;
    private final int port;
    private final AtomicInteger drivers;

    private Gateway(SchedulerService scheduler, JoinKeys keys, int port, AtomicInteger drivers) {
        this.scheduler = scheduler;
        this.keys = keys;
        this.port = port;
        this.drivers = drivers;
    }

    static Gateway open(Session session, JoinKeys keys, Tokens tokens) {
        TlsIdentity tls = keys.scheduler();
        RemoteAccess access = new RemoteAccess(
                0,
                new ServerIdentity(tls.certificate(), tls.key()),
                Own.builds(),
                tls.authority(),
                it -> tokens.refusal(it.claim(), it.token(), it.workerId()));
        SchedulerConfig config = new SchedulerConfig(
                session.socket(),
                session.values(),
                OptionalInt.empty(),
                LEASE,
                true,
                EXPECTED_SLOTS,
                Version.text(),
                Optional.of(access),
                KeptAnalyses.folder());
        AtomicInteger drivers = new AtomicInteger();
        try {
            SchedulerService scheduler = new SchedulerService(config, LocalService::analyze, new SchedulerListener() {
                @Override
                public void drivers(int connected) {
                    drivers.set(connected);
                }
            });
            return new Gateway(
                    scheduler, keys, scheduler.workerService().securePort().orElseThrow(), drivers);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "the service cannot listen: " + e.getMessage(), e);
        }
    }

    /// Where tunnels are to lead, on loopback.
    int port() {
        return port;
    }

    /// Another door, for workers that come without a tunnel.
    ///
    /// @param hosts by which they know this machine
    SchedulerService.Door open(InetSocketAddress at, Set<String> hosts) throws IOException {
        TlsIdentity tls = keys.scheduler(hosts);
        return scheduler.open(at, new ServerIdentity(tls.certificate(), tls.key()));
    }

    int drivers() {
        return drivers.get();
    }

    Core.Statistics statistics() {
        return scheduler.statistics();
    }

    CompletableFuture<Demand> demand() {
        return scheduler.demand();
    }

    Instances instances() {
        return scheduler.instances();
    }

    void describe(String line, String notice) {
        scheduler.describe(line, notice);
    }

    @Override
    public void close() {
        scheduler.close();
    }
}
