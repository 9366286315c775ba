package pydron.provision.guests;

import com.github.dockerjava.api.DockerClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.startupcheck.IsRunningStartupCheckStrategy;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/// Machines for tests: containers that boot, run user data as cloud-init would, and can be reached by sshd. What plays
/// a cloud's hypervisor starts one for each instance. `scripts/guests.sh run` gives what is needed.
public final class Guests implements AutoCloseable {
    private final String image;
    private final Map<String, Guest> guests = new LinkedHashMap<>();
    private final Optional<String> network;

    private Guests(String image, Optional<String> network) {
        this.image = image;
        this.network = network;
    }

    /// Machines whose addresses somebody else gives them.
    ///
    /// @param subnet all of them are in it
    /// @param gateway this machine's address in it
    public static Guests inSubnet(String subnet, String gateway) {
        Guests open = open();
        String id = DockerClientFactory.instance()
                .client()
                .createNetworkCmd()
                .withName("pydron-guests-" + ProcessHandle.current().pid())
                .withIpam(new com.github.dockerjava.api.model.Network.Ipam()
                        .withConfig(new com.github.dockerjava.api.model.Network.Ipam.Config()
                                .withSubnet(subnet)
                                .withGateway(gateway)))
                .exec()
                .getId();
        return new Guests(open.image, Optional.of(id));
    }

    public static Guests open() {
        String image = System.getenv("PYDRON_GUEST_IMAGE");
        if (image == null) {
            throw new IllegalStateException(
                    "machines are needed: run this test by 'scripts/guests.sh run mvn …', or all"
                            + " such tests by 'make guests'");
        }
        return new Guests(image, Optional.empty());
    }

    /// Machines of another image, which boots as `worker-image/Dockerfile` does.
    public static Guests of(String image) {
        return new Guests(image, Optional.empty());
    }

    /// Boots a machine; returns when it has an address. The user data may still run.
    ///
    /// @param name of its host, unique among the machines of these guests that run
    public Guest boot(String name, String userData) {
        return boot(name, userData, "");
    }

    /// @param address in the subnet; empty where there is none
    public Guest boot(String name, String userData, String address) {
        Guest guest = new Guest(image, name, userData, network.map(it -> new Place(it, address)));
        synchronized (this) {
            guests.put(name, guest);
        }
        return guest;
    }

    /// This machine's address, as machines see it that were booted without a subnet.
    public static String host() {
        return DockerClientFactory.instance()
                .client()
                .inspectNetworkCmd()
                .withNetworkId("bridge")
                .exec()
                .getIpam()
                .getConfig()
                .getFirst()
                .getGateway();
    }

    private record Place(String network, String address) {}

    /// Ends all machines that are left.
    @Override
    public synchronized void close() {
        guests.values().forEach(Guest::end);
        guests.clear();
        network.ifPresent(it ->
                DockerClientFactory.instance().client().removeNetworkCmd(it).exec());
    }

    /// One machine.
    public static final class Guest {
        private final GenericContainer<?> container;
        private final DockerClient docker = DockerClientFactory.instance().client();
        private final String address;

        private Guest(String image, String name, String userData, Optional<Place> place) {
            container = new GenericContainer<>(DockerImageName.parse(image))
                    .withImagePullPolicy(it -> false)
                    .withCopyToContainer(Transferable.of(userData.getBytes(StandardCharsets.UTF_8), 0700), "/user-data")
                    .withStartupCheckStrategy(new IsRunningStartupCheckStrategy())
                    .withCreateContainerCmdModifier(it -> {
                        it.withHostName(name);
                        place.ifPresent(at -> it.withIpv4Address(at.address()));
                        it.getHostConfig()
                                .withCapAdd(com.github.dockerjava.api.model.Capability.NET_ADMIN)
                                .withInit(false);
                    });
            place.ifPresent(it -> container.withNetworkMode(it.network()));
            container.start();
            address = docker.inspectContainerCmd(container.getContainerId())
                    .exec()
                    .getNetworkSettings()
                    .getNetworks()
                    .values()
                    .iterator()
                    .next()
                    .getIpAddress();
        }

        public String address() {
            return address;
        }

        /// False when it has ended, by itself or otherwise.
        public boolean running() {
            return container.isRunning();
        }

        /// As root. Standard output; fails when the command does.
        public String run(String script) {
            try {
                Container.ExecResult result = container.execInContainer("sh", "-c", script);
                if (result.getExitCode() != 0) {
                    throw new AssertionError("'" + script + "' failed with " + result.getExitCode() + ": "
                            + result.getStdout() + result.getStderr());
                }
                return result.getStdout();
            } catch (IOException e) {
                throw new AssertionError("'" + script + "' could not be run", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        }

        /// What is on the wire is lost until [#mend].
        public void cut() {
            run("ip link set eth0 down");
        }

        public void mend() {
            run("ip link set eth0 up");
        }

        /// As when somebody pulls the plug.
        public void end() {
            container.stop();
        }

        /// Waits until it has ended by itself.
        public boolean awaitEnd(Duration patience) {
            long deadline = System.nanoTime() + patience.toNanos();
            while (running()) {
                if (System.nanoTime() > deadline) {
                    return false;
                }
                try {
                    Thread.sleep(100);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
            return true;
        }
    }
}
