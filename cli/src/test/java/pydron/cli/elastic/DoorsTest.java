package pydron.cli.elastic;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.cli.session.Session;
import pydron.provision.join.JoinKeys;
import pydron.provision.join.Tokens;
import pydron.provision.model.Address;
import pydron.provision.settings.CloudSettings;
import pydron.provision.settings.CloudSettings.Direct;

/// Where this machine waits for workers, with real sockets of its loopback.
class DoorsTest {
    @TempDir
    Path folder;

    private Session session;
    private Gateway gateway;
    private Doors doors;

    @BeforeEach
    void open() throws Exception {
        session = Session.create(Map.of("TMPDIR", folder.toString()));
        JoinKeys keys = JoinKeys.open(Files.createDirectories(folder).resolve("keys"));
        gateway = Gateway.open(session, keys, new Tokens(keys, folder.resolve("joined"), _ -> true));
        doors = new Doors(gateway::open);
    }

    @AfterEach
    void close() throws Exception {
        gateway.close();
        session.close();
    }

    private static Direct direct(String address, String listen) {
        return new Direct(Address.of(address).orElseThrow(), Address.of(listen));
    }

    private static Map<String, CloudSettings> clouds(Direct direct) {
        return Map.of(
                "lab",
                new CloudSettings.Ssh(List.of("host"), "", Optional.of(direct)),
                "here",
                new CloudSettings.Local(1));
    }

    /// That nobody has at the moment.
    private static int port() throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return free.getLocalPort();
        }
    }

    private static boolean opens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 5_000);
            return true;
        } catch (java.io.IOException e) {
            return false;
        }
    }

    private static void awaitClosed(int port) throws Exception {
        for (int i = 0; i < 100 && opens(port); i++) {
            Thread.sleep(50);
        }
        assertThat(opens(port)).isFalse();
    }

    @Test
    void theSettingsSayWhichAreOpen() throws Exception {
        int one = port();
        Direct first = direct("desk.example.org:443", "127.0.0.1:" + one);
        doors.keep(Set.of(first));
        assertThat(doors.troubles(clouds(first))).isEmpty();
        assertThat(opens(one)).isTrue();
        int two = port();
        Direct second = direct("desk.example.org:443", "127.0.0.1:" + two);
        assertThat(doors.obstacle(second)).isEmpty();
        assertThat(opens(two)).isTrue();
        doors.keep(Set.of(second));
        awaitClosed(one);
        assertThat(opens(two)).isTrue();
        doors.close();
        awaitClosed(two);
    }

    @Test
    void aPortThatIsTakenIsToldAndTriedAgain() throws Exception {
        Direct direct;
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            direct = direct("desk.example.org:443", "127.0.0.1:" + other.getLocalPort());
            doors.keep(Set.of(direct));
            assertThat(doors.obstacle(direct))
                    .startsWith(
                            "cannot wait for workers at 127.0.0.1:" + other.getLocalPort() + ": Address already in use")
                    .contains("another program has the port", "'address' or 'listen'");
            assertThat(doors.troubles(clouds(direct)))
                    .containsExactly(new Status.Trouble("lab", "address", doors.obstacle(direct)));
        }
        for (int i = 0; i < 100 && !doors.obstacle(direct).isEmpty(); i++) {
            Thread.sleep(100);
            doors.keep(Set.of(direct));
        }
        assertThat(doors.obstacle(direct)).isEmpty();
    }

    @Test
    void whatIsNoAddressOfThisMachineIsToldWithThoseItHas() {
        assertThat(doors.obstacle(direct("192.0.2.7:7350", "")))
                .startsWith("cannot wait for workers at 192.0.2.7:7350: 192.0.2.7 is no address of this machine")
                .endsWith("like listen = \"0.0.0.0:7350\"");
        assertThat(doors.obstacle(direct("localhost:7350", "")))
                .as("where only this machine comes")
                .contains("is no address of this machine that others reach");
        assertThat(doors.obstacle(direct("no-such-name.invalid:7350", "")))
                .isEqualTo("cannot wait for workers at no-such-name.invalid:7350: this machine does not know the name");
    }

    @Test
    void anywhereIsAPlace() throws Exception {
        int port = port();
        assertThat(doors.obstacle(direct("192.0.2.7:7350", "0.0.0.0:" + port))).isEmpty();
        assertThat(opens(port)).isTrue();
        assertThat(Doors.places(direct("192.0.2.7:7350", "[::]:7350"))).hasSize(1);
    }
}
