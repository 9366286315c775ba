package pydron.provision.ec2;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import pydron.provision.guests.Guests;

/// Machines of the stand-in that are real: containers that run the user data, have an address, and may end by
/// themselves.
public final class GuestHypervisor implements Hypervisor, AutoCloseable {
    private static final Duration LOOK = Duration.ofMillis(300);

    private final Guests guests;
    private final Map<String, Guests.Guest> running = new ConcurrentHashMap<>();
    private final Set<String> selfEnded = ConcurrentHashMap.newKeySet();
    private final Thread watch = Thread.ofVirtual().name("guests").unstarted(this::watch);
    private volatile Ec2StandIn cloud;
    private volatile boolean absent;
    private volatile String flaw = "";

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
        Guests.Guest machine = guests.boot(guest.id(), "#!/bin/sh\n" + flaw + "\n" + guest.userData());
        running.put(guest.id(), machine);
        return machine.address();
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
