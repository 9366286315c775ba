package pydron.provision.endtoend;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import pydron.provision.ec2.Ec2StandIn;
import pydron.provision.ec2.GuestHypervisor;
import pydron.provision.ec2.S3StandIn;
import pydron.provision.guests.Guests;

/// A user's machine, and an account of AWS: a stand-in on the wire whose machines are containers.
final class Ec2Site implements AutoCloseable {
    static final String SCRIPT = """
            import os
            import socket
            import sys
            import time

            import helper
            import pydron

            @pydron.functional
            def work(number, seconds):
                time.sleep(seconds)
                return helper.square(number), socket.gethostname()

            @pydron.schedule
            def main(count, seconds):
                total = 0
                hosts = []
                for number in range(count):
                    value, host = work(number, seconds)
                    total += value
                    hosts.append(host)
                return total, hosts

            if __name__ == "__main__":
                total, hosts = main(int(sys.argv[1]), float(sys.argv[2]))
                print(total)
                print(*sorted(set(hosts)), file=sys.stderr)
            """;

    final Workstation desk;
    final Ec2StandIn cloud;
    final GuestHypervisor machines;
    final S3StandIn storage;
    /// A security group of the user's, that lets SSH in.
    final String group;
    private List<String> address = List.of();

    Ec2Site(Path folder) throws Exception {
        machines = new GuestHypervisor(Guests.open());
        cloud = Ec2StandIn.start(0, machines);
        machines.serve(cloud);
        cloud.times(Duration.ofSeconds(1), Duration.ofMillis(200), Duration.ofMillis(300), Duration.ofMinutes(2));
        group = cloud.group("ssh", Map.of("port", "22"));
        desk = new Workstation(folder);
        credentials(Ec2StandIn.IDENTITY, Ec2StandIn.SECRET, "");
        desk.environment.put("AWS_ENDPOINT_URL", cloud.url().toString());
        // Where machines reach it, too.
        storage = S3StandIn.start(Guests.host());
        desk.environment.put("AWS_ENDPOINT_URL_S3", storage.url().toString());
        desk.script("helper.py", "def square(number):\n    return number * number\n");
    }

    void credentials(String identity, String secret, String session) throws Exception {
        desk.write(
                desk.folder.resolve("home/.aws/credentials"),
                "[astro]\naws_access_key_id = " + identity + "\naws_secret_access_key = " + secret + "\n"
                        + (session.isEmpty() ? "" : "aws_session_token = " + session + "\n"));
    }

    /// @param limits besides those of money
    void settings(String... limits) throws Exception {
        add();
        limit(limits);
    }

    void add() throws Exception {
        List<String> words = new ArrayList<>(List.of("cloud", "add", "aws", "--profile", "astro", "--region"));
        words.addAll(List.of(Ec2StandIn.REGION, "--security-groups", group));
        words.addAll(address);
        desk.pydron(words.toArray()).good();
    }

    /// A cloud that is added from now on has instances that connect to a port of this machine, without tunnels.
    ///
    /// @param listen where this machine waits instead; empty: there
    void address(int port, String listen) {
        address = new ArrayList<>(List.of("--address", Guests.host() + ":" + port));
        if (!listen.isEmpty()) {
            address.addAll(List.of("--listen", listen));
        }
    }

    /// One that nobody has at the moment.
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(Guests.host()))) {
            return socket.getLocalPort();
        }
    }

    void limit(String... limits) throws Exception {
        List<Object> words = new ArrayList<>(List.of("limits", "set", "--max-per-hour", "1", "--budget", "5"));
        words.addAll(List.of(limits));
        desk.pydron(words.toArray()).good();
    }

    void assertNothingLeft() throws Exception {
        desk.await(
                "an empty account",
                Duration.ofSeconds(60),
                () -> desk.instances("").isEmpty() && cloud.leftovers().equals(List.of(group)),
                () -> cloud.leftovers().toString());
    }

    @Override
    public void close() throws Exception {
        try {
            desk.close();
        } finally {
            cloud.close();
            storage.close();
            machines.close();
        }
    }
}
