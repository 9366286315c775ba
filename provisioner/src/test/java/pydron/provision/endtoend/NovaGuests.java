package pydron.provision.endtoend;

import com.google.gson.JsonObject;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import pydron.provision.guests.Guests;
import pydron.provision.jclouds.OpenStackLab;
import pydron.provision.openstack.Json;

/// Plays the hypervisor of an OpenStack whose own is a fake: each server that is active has a container with the
/// server's address, which runs its user data; one that ends by itself is a server that is shut off.
final class NovaGuests implements AutoCloseable {
    private static final Duration LOOK = Duration.ofMillis(400);
    private static final String ATTRIBUTE = "OS-EXT-SRV-ATTR:";

    private final OpenStackLab lab;
    /// The network `private`; `tests/openstack` gives out addresses from 10 on.
    private final Guests guests = Guests.inSubnet("198.18.0.0/24", "198.18.0.2");

    private final Map<String, Guests.Guest> running = new ConcurrentHashMap<>();
    private final Set<String> begun = ConcurrentHashMap.newKeySet();
    private final Thread watch;
    private volatile boolean bootless;
    private volatile int most;
    private volatile String trouble = "";

    NovaGuests(OpenStackLab lab) {
        this.lab = lab;
        watch = Thread.ofVirtual().name("nova-guests").start(this::watch);
    }

    /// From now on servers are active, and nothing boots.
    void nothingBoots() {
        bootless = true;
    }

    /// The most that ran at a time.
    int most() {
        return most;
    }

    Map<String, Guests.Guest> running() {
        return Map.copyOf(running);
    }

    /// For messages of tests that fail.
    String tell() {
        return "machines: " + running.keySet() + " " + trouble;
    }

    /// Of the whole cloud, by identity.
    static List<JsonObject> servers(OpenStackLab lab) {
        return Json.objects(lab.call("GET", "compute", "/servers/detail?all_tenants=1", ""), "servers");
    }

    private void watch() {
        try {
            while (true) {
                try {
                    look();
                } catch (IllegalStateException | UncheckedIOException e) {
                    // A server was deleted between two requests, or the cloud is slow: the next look sees what is so.
                    trouble = e.toString();
                }
                Thread.sleep(LOOK);
            }
        } catch (InterruptedException e) {
            // It is over.
        }
    }

    private void look() {
        Set<String> there = new HashSet<>();
        for (JsonObject server : servers(lab)) {
            String id = server.get("id").getAsString();
            there.add(id);
            Optional<String> data = Json.text(server, ATTRIBUTE + "user_data");
            if (server.get("status").getAsString().equals("ACTIVE") && data.isPresent() && !bootless && begun.add(id)) {
                String script = new String(Base64.getDecoder().decode(data.get()), StandardCharsets.UTF_8);
                Thread.ofVirtual().start(() -> boot(id, script, address(server)));
            }
        }
        running.forEach((id, guest) -> {
            if (!there.contains(id)) {
                running.remove(id);
                guest.end();
            } else if (!guest.running()) {
                running.remove(id);
                lab.call("POST", "compute", "/servers/" + id + "/action", "{\"os-stop\":null}");
            }
        });
        most = Math.max(most, running.size());
    }

    private void boot(String id, String script, String address) {
        running.put(id, guests.boot("guest-" + id.substring(0, 8), script, address));
    }

    private static String address(JsonObject server) {
        return server.getAsJsonObject("addresses")
                .getAsJsonArray("private")
                .get(0)
                .getAsJsonObject()
                .get("addr")
                .getAsString();
    }

    @Override
    public void close() throws InterruptedException {
        watch.interrupt();
        watch.join(Duration.ofSeconds(10));
        guests.close();
    }
}
