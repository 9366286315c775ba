package pydron.provision.ec2;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The stand-in by itself, for tests of the command line:
/// `StandInMain [--port N] [--boot SECONDS] [--visible SECONDS] [--running PROGRAM] [--terminated PROGRAM]`.
/// Writes the variables to set, one in a line, and ends with its input. The programs play the machines: they get
/// `INSTANCE_ID`, and `USER_DATA`, a file; what the first writes is the instance's public address.
public final class StandInMain {
    private StandInMain() {}

    public static void main(String[] args) throws IOException {
        Map<String, String> options = new java.util.HashMap<>(Map.of("--port", "0", "--boot", "0", "--visible", "0"));
        for (int i = 0; i + 1 < args.length; i += 2) {
            options.put(args[i], args[i + 1]);
        }
        Hypervisor programs =
                new Programs(options.getOrDefault("--running", ""), options.getOrDefault("--terminated", ""));
        try (Ec2StandIn standIn = Ec2StandIn.start(Integer.parseInt(options.get("--port")), programs)) {
            standIn.times(
                    Duration.ofSeconds(Long.parseLong(options.get("--boot"))),
                    Duration.ZERO,
                    Duration.ofSeconds(Long.parseLong(options.get("--visible"))),
                    Duration.ofSeconds(10));
            System.out.println("AWS_ENDPOINT_URL=" + standIn.url());
            System.out.println("AWS_ENDPOINT_URL_EC2=" + standIn.url());
            System.out.println("AWS_ENDPOINT_URL_STS=" + standIn.url());
            System.out.println("AWS_ACCESS_KEY_ID=" + Ec2StandIn.IDENTITY);
            System.out.println("AWS_SECRET_ACCESS_KEY=" + Ec2StandIn.SECRET);
            System.out.println("AWS_REGION=" + Ec2StandIn.REGION);
            System.out.flush();
            System.in.transferTo(java.io.OutputStream.nullOutputStream());
            standIn.leftovers().forEach(it -> System.out.println("left " + it));
        }
    }

    /// Machines played by programs.
    private record Programs(String running, String terminated) implements Hypervisor {
        @Override
        public String running(Guest guest) {
            if (running.isEmpty()) {
                return "";
            }
            try {
                Path userData = Files.createTempFile("user-data", ".sh");
                Files.writeString(userData, guest.userData());
                try {
                    return run(running, Map.of("INSTANCE_ID", guest.id(), "USER_DATA", userData.toString()));
                } finally {
                    Files.delete(userData);
                }
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        @Override
        public void terminated(String id) {
            if (!terminated.isEmpty()) {
                run(terminated, Map.of("INSTANCE_ID", id));
            }
        }

        private static String run(String program, Map<String, String> environment) {
            try {
                ProcessBuilder builder = new ProcessBuilder(program).redirectError(ProcessBuilder.Redirect.INHERIT);
                builder.environment().putAll(environment);
                Process process = builder.start();
                process.getOutputStream().close();
                String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                process.waitFor(60, TimeUnit.SECONDS);
                return said.strip();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return "";
            }
        }
    }
}
