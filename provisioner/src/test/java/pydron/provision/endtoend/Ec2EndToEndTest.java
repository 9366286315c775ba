package pydron.provision.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.provision.ec2.Ec2StandIn;
import pydron.provision.ec2.GuestHypervisor;
import pydron.provision.guests.Guests;

/// A user's script on EC2, by the command: the cloud is a stand-in on the wire whose machines are containers.
@Tag("guests")
class Ec2EndToEndTest {
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

    @TempDir
    Path folder;

    private Workstation desk;
    private Ec2StandIn cloud;
    private GuestHypervisor machines;

    @BeforeEach
    void open() throws Exception {
        machines = new GuestHypervisor(Guests.open());
        cloud = Ec2StandIn.start(0, machines);
        machines.serve(cloud);
        cloud.times(Duration.ofSeconds(1), Duration.ofMillis(200), Duration.ofMillis(300), Duration.ofMinutes(2));
        desk = new Workstation(folder);
        desk.write(folder.resolve("home/.aws/credentials"), """
                [astro]
                aws_access_key_id = %s
                aws_secret_access_key = %s
                """.formatted(Ec2StandIn.IDENTITY, Ec2StandIn.SECRET));
        desk.environment.put("AWS_ENDPOINT_URL", cloud.url().toString());
        desk.script("helper.py", "def square(number):\n    return number * number\n");
    }

    @AfterEach
    void close() throws Exception {
        try {
            desk.close();
        } finally {
            cloud.close();
            machines.close();
        }
    }

    @Test
    void fromNoneToSomeToNone() throws Exception {
        Path script = desk.script("script.py", SCRIPT);
        Workstation.Done done = desk.pydron("cloud", "add", "aws", "--profile", "astro", "--region", Ec2StandIn.REGION)
                .good();
        System.out.println(done);
        System.out.println(desk.pydron("cloud", "list"));
        System.out.println(desk.pydron("cloud", "test", "aws"));
        System.out.println(desk.pydron(
                "limits",
                "set",
                "--max-instances",
                "3",
                "--max-cores",
                "6",
                "--max-per-hour",
                "1",
                "--budget",
                "5",
                "--idle",
                "3s"));
        Workstation.Started run = desk.run("aws", script, 40, 0.3);
        desk.await(
                "an instance",
                Duration.ofSeconds(60),
                () -> !desk.instances("working").isEmpty() || !run.runs());
        System.out.println(desk.pydron("instances").out());
        done = run.await(Duration.ofSeconds(60)).good();
        System.out.println(done);
        assertThat(done.out()).isEqualTo(desk.plain(script, 40, 0.0));
        desk.await("the end", Duration.ofSeconds(60), () -> desk.instances("").isEmpty());
        System.out.println(desk.log());
        assertThat(cloud.leftovers()).isEmpty();
    }
}
