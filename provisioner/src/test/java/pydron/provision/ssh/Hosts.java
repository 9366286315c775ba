package pydron.provision.ssh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import pydron.provision.guests.Guests;

/// Hosts of a user's own: machines with an account, whose keys the user's ssh knows.
public final class Hosts implements AutoCloseable {
    public final Path identity;
    public final Path config;
    public final List<Guests.Guest> machines = new ArrayList<>();
    private final Path known;
    private final Guests guests = Guests.open();

    public Hosts(Path folder, int count) throws IOException, InterruptedException {
        identity = folder.resolve("id");
        known = folder.resolve("known_hosts");
        config = folder.resolve("config");
        keygen(identity);
        Files.writeString(
                config,
                "Host *\n  UserKnownHostsFile " + known + "\n  GlobalKnownHostsFile /dev/null\n  IdentitiesOnly yes\n");
        Files.writeString(known, "");
        String key = Files.readString(Path.of(identity + ".pub")).strip();
        for (int i = 0; i < count; i++) {
            Guests.Guest guest = guests.boot("host-" + i, "#!/bin/sh\ntrue\n");
            guest.run("until pgrep sshd > /dev/null; do sleep 0.1; done");
            guest.run("useradd -m -s /bin/bash me && usermod -p '*' me && install -d -o me -m 700 ~me/.ssh && echo '"
                    + key + "' > ~me/.ssh/authorized_keys && chown me ~me/.ssh/authorized_keys");
            trust(guest.address(), guest.run("cat /etc/ssh/ssh_host_ed25519_key.pub"));
            machines.add(guest);
        }
    }

    static void keygen(Path file) throws IOException, InterruptedException {
        Process made = new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.toString())
                .inheritIO()
                .start();
        if (made.waitFor() != 0) {
            throw new IOException("ssh-keygen failed");
        }
    }

    /// From now on the user's ssh expects this key there, and no other.
    public void trust(String address, String key) throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(known));
        lines.removeIf(it -> it.startsWith(address + " "));
        lines.add(address + " " + key.strip());
        Files.write(known, lines);
    }

    public List<String> names() {
        return machines.stream().map(it -> "me@" + it.address() + ":22").toList();
    }

    @Override
    public void close() {
        guests.close();
    }
}
