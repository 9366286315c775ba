package pydron.provision.guests;

import com.github.dockerjava.api.DockerClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.startupcheck.IsRunningStartupCheckStrategy;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/// Machines for tests: containers that boot, run user data as cloud-init would, and can be reached by sshd. What plays
/// a
/// cloud's hypervisor starts one for each instance. `scripts/guests.sh run` gives what is needed.
public final class Guests implements AutoCloseable {
    private final String image;
    private final Map<String, Guest> guests = new LinkedHashMap<>();

    private Guests(String image) {
        this.image = image;
    }

    public static Guests open() {
        String image = System.getenv("PYDRON_GUEST_IMAGE");
        if (image == null) {
            throw new IllegalStateException(
                    "machines are needed: run this test by 'scripts/guests.sh run mvn …', or all"
                            + " such tests by 'make guests'");
        }
        return new Guests(image);
    }

    /// Machines of another image, which boots as `worker-image/Dockerfile` does.
    public static Guests of(String image) {
        return new Guests(image);
    }

    /// Boots a machine; returns when it has an address. The user data may still run.
    ///
    /// @param name of its host, unique among the machines of these guests that run
    public synchronized Guest boot(String name, String userData) {
        Guest guest = new Guest(image, name, userData);
        guests.put(name, guest);
        return guest;
    }

    /// Ends all machines that are left.
    @Override
    public synchronized void close() {
        guests.values().forEach(Guest::end);
        guests.clear();
    }

    /// One machine.
    public static final class Guest {
        private final GenericContainer<?> container;
        private final DockerClient docker = DockerClientFactory.instance().client();
        private final String address;

        private Guest(String image, String name, String userData) {
            container = new GenericContainer<>(DockerImageName.parse(image))
                    .withImagePullPolicy(it -> false)
                    .withCopyToContainer(Transferable.of(userData.getBytes(StandardCharsets.UTF_8), 0700), "/user-data")
                    .withStartupCheckStrategy(new IsRunningStartupCheckStrategy())
                    .withCreateContainerCmdModifier(it -> {
                        it.withHostName(name);
                        it.getHostConfig()
                                .withCapAdd(com.github.dockerjava.api.model.Capability.NET_ADMIN)
                                .withInit(false);
                    });
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
