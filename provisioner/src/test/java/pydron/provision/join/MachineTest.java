package pydron.provision.join;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.provision.model.Claim;

/// A whole machine with the disk of `worker-image/disk-image.sh`: firmware, kernel, systemd, cloud-init. What a cloud
/// does
/// is done here by a web server for user data (cloud-init's NoCloud) and an emulator.
/// `worker-image/check-machine.sh` makes what is needed and runs it.
@Tag("machines")
class MachineTest {
    /// Port 22 of the machine is that of this address of ours.
    private static final String ADDRESS = "127.0.0.77";

    private static final Duration BOOT = Duration.ofMinutes(12);

    @TempDir
    Path folder;

    private Process machine;
    private HttpServer cloud;

    @AfterEach
    void end() {
        if (machine != null) {
            machine.destroyForcibly();
        }
        if (cloud != null) {
            cloud.stop(0);
        }
    }

    /// Some machines have the device, and a processor that cannot do it.
    private static boolean hasKvm() throws IOException {
        return Files.isWritable(Path.of("/dev/kvm"))
                && Files.readString(Path.of("/proc/cpuinfo")).matches("(?s).*\\b(vmx|svm)\\b.*");
    }

    private void boot(String userData) throws IOException {
        String disk = System.getProperty("pydron.disk", "");
        assertThat(disk).as("the disk, -Dpydron.disk").isNotEmpty();
        cloud = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        Map.of(
                        "user-data",
                        userData,
                        "meta-data",
                        "instance-id: claim-m\nlocal-hostname: machine-1\n",
                        "vendor-data",
                        "")
                .forEach((name, text) -> cloud.createContext("/" + name, exchange -> {
                    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
                    try (var out = exchange.getResponseBody()) {
                        out.write(bytes);
                    }
                }));
        cloud.start();
        // The machine sees our loopback as 10.0.2.2.
        String source = "ds=nocloud-net;s=http://10.0.2.2:" + cloud.getAddress().getPort() + "/";
        List<String> command = new ArrayList<>(List.of("qemu-system-x86_64", "-m", "1536", "-smp", "2", "-no-reboot"));
        command.addAll(List.of("-display", "none", "-monitor", "none", "-serial", "file:" + folder.resolve("console")));
        command.addAll(
                List.of("-drive", "file=" + disk + ",if=virtio,snapshot=on", "-smbios", "type=1,serial=" + source));
        command.addAll(List.of("-nic", "user,model=virtio-net-pci,hostfwd=tcp:" + ADDRESS + ":22-:22"));
        command.addAll(
                hasKvm()
                        ? List.of("-enable-kvm", "-cpu", "host")
                        : List.of("-accel", "tcg,thread=multi", "-cpu", "max"));
        command.addAll(List.of("-device", "virtio-rng-pci"));
        machine = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("emulator").toFile())
                .start();
    }

    private String console() {
        try {
            List<String> lines = Files.readAllLines(folder.resolve("console"), StandardCharsets.ISO_8859_1);
            return Files.readString(folder.resolve("emulator"))
                    + String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void aBootedMachineJoinsServesAndPowersOffWithItsLease() throws Exception {
        try (Installation installation = new Installation(folder)) {
            Claim claim = Installation.claim("claim-m");
            boot(installation.userData(claim, BOOT));
            installation.joining().reach(Map.of(claim.id(), List.of(ADDRESS)));
            try {
                installation.await(
                        "the worker",
                        BOOT,
                        () -> !machine.isAlive() || installation.worker(claim).isPresent());
            } catch (AssertionError e) {
                throw new AssertionError(e.getMessage() + "\n" + console(), e);
            }
            assertThat(machine.isAlive()).as(this::console).isTrue();

            Path project = Files.createDirectories(folder.resolve("project"));
            Path script = Files.writeString(project.resolve("script.py"), """
                    import pydron

                    @pydron.functional
                    def look(n):
                        import os
                        import socket
                        return socket.gethostname(), os.path.exists(os.path.expanduser("~/.pydron/bundles"))

                    @pydron.functional
                    def kill(n):
                        import os
                        import subprocess
                        import time
                        # What the watchdog will read has been written.
                        time.sleep(3)
                        subprocess.run(["pkill", "-KILL", "java"])

                    @pydron.schedule
                    def main(ends):
                        if ends:
                            return kill(1)
                        return look(1)

                    import sys
                    print(main(len(sys.argv) > 1))
                    """);
            // The bundle of the image is used: none was brought.
            assertThat(Installation.output(installation.script(script))).isEqualTo("('machine-1', False)\n");

            installation.scheduler.instances().lease("claim-m", Duration.ofSeconds(25));
            Process last = installation.script(script, Map.of(), "kill");
            installation.await(
                    "the worker's end",
                    Duration.ofSeconds(20),
                    () -> installation
                            .worker(claim)
                            .filter(it -> it.connected())
                            .isEmpty());
            last.destroyForcibly();
            installation.joining().reach(Map.of());
            assertThat(machine.isAlive()).as("the lease is not over yet").isTrue();
            assertThat(machine.waitFor(60, TimeUnit.SECONDS)).as(this::console).isTrue();
            assertThat(console()).contains("Power down");
        }
    }
}
