package pydron.provision.ec2;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import pydron.provision.guests.Guests;

/// Machines of the stand-in that are real: containers that run the user data, have an address, and may end by
/// themselves.
public final class GuestHypervisor implements Hypervisor, AutoCloseable {
    private static final Duration LOOK = Duration.ofMillis(300);

    /// Version 2 of the service, as far as spot instances go: a token first, and a notice that is not there as a rule.
    private static final String METADATA = """
            ip addr add 169.254.169.254/32 dev lo
            cat > /run/metadata.py << 'EOF'
            import http.server
            import pathlib
            import secrets

            NOTICE = pathlib.Path("/run/instance-action")
            tokens = set()

            class Handler(http.server.BaseHTTPRequestHandler):
                def answer(self, status, text=""):
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text.encode())

                def do_PUT(self):
                    if self.path == "/latest/api/token" and "X-aws-ec2-metadata-token-ttl-seconds" in self.headers:
                        tokens.add(secrets.token_hex(16))
                        self.answer(200, sorted(tokens)[-1])
                    else:
                        self.answer(400)

                def do_GET(self):
                    if self.headers.get("X-aws-ec2-metadata-token") not in tokens:
                        self.answer(401)
                    elif self.path == "/latest/meta-data/spot/instance-action" and NOTICE.exists():
                        self.answer(200, NOTICE.read_text())
                    else:
                        self.answer(404)

            http.server.HTTPServer(("169.254.169.254", 80), Handler).serve_forever()
            EOF
            setsid python3 /run/metadata.py > /var/log/metadata.log 2>&1 < /dev/null &
            """;

    private final Guests guests;
    private final Map<String, Guests.Guest> running = new ConcurrentHashMap<>();
    private final Set<String> selfEnded = ConcurrentHashMap.newKeySet();
    private final Thread watch = Thread.ofVirtual().name("guests").unstarted(this::watch);
    private volatile Ec2StandIn cloud;
    private volatile boolean absent;
    private volatile String flaw = "";
    private volatile boolean metadata;

    public GuestHypervisor(Guests guests) {
        this.guests = guests;
    }

    /// Whom to tell when a machine ends by itself.
    public void serve(Ec2StandIn standIn) {
        cloud = standIn;
        watch.start();
    }

    /// From now on a machine runs this before its user data: what is wrong with an image.
    public void images(String script) {
        flaw = script;
    }

    /// From now on machines have the metadata service, at the address where EC2 has it.
    public void metadata() {
        metadata = true;
    }

    /// From now on machines do not boot: they have an address that nobody answers at.
    public void nothingBoots() {
        absent = true;
    }

    public Guests.Guest guest(String instance) {
        return running.get(instance);
    }

    /// Instances whose machines have ended by themselves.
    public Set<String> selfEnded() {
        return Set.copyOf(selfEnded);
    }

    @Override
    public String running(Guest guest) {
        if (absent) {
            return "127.255.0.1";
        }
        Guests.Guest machine =
                guests.boot(guest.id(), "#!/bin/sh\n" + (metadata ? METADATA : "") + flaw + "\n" + guest.userData());
        running.put(guest.id(), machine);
        return machine.address();
    }

    @Override
    public void interrupted(String id, Instant at) {
        Guests.Guest machine = running.get(id);
        if (machine != null && metadata) {
            machine.run("echo '{\"action\": \"terminate\", \"time\": \"" + at.truncatedTo(ChronoUnit.SECONDS)
                    + "\"}' > /run/instance-action");
        }
    }

    @Override
    public void terminated(String id) {
        Guests.Guest machine = running.remove(id);
        if (machine != null) {
            machine.end();
        }
    }

    @Override
    public String console(String id) {
        Guests.Guest machine = running.get(id);
        return machine == null ? "" : machine.run("cat /var/log/cloud-init-output.log 2> /dev/null || true");
    }

    private void watch() {
        try {
            while (true) {
                Thread.sleep(LOOK);
                running.forEach((id, machine) -> {
                    if (!machine.running() && running.containsKey(id) && selfEnded.add(id)) {
                        cloud.poweredOff(id);
                    }
                });
            }
        } catch (InterruptedException e) {
            // It is over.
        }
    }

    @Override
    public void close() {
        watch.interrupt();
        guests.close();
    }
}
