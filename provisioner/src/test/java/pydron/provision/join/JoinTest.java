package pydron.provision.join;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.provision.guests.Guests;
import pydron.provision.model.Claim;

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
}
