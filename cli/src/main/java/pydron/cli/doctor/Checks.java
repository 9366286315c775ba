package pydron.cli.doctor;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import pydron.cli.CommandFailure;
import pydron.cli.Version;
import pydron.cli.python.Probe;
import pydron.cli.python.Python;
import pydron.cli.python.Pythons;
import pydron.cli.session.Session;

/// Looks at everything Pydron needs from a machine, in the order in which a newcomer meets it.
public final class Checks {
    private static final long GIB = 1L << 30;
    private static final long FEW_OPEN_FILES = 1024;

    private final Map<String, String> environment;
    private final Optional<Path> home;
    private final List<Finding> findings = new ArrayList<>();

    private Checks(Map<String, String> environment, Optional<Path> home) {
        this.environment = environment;
        this.home = home;
    }

    public static List<Finding> all(
            Map<String, String> environment, Optional<Path> home, Optional<String> wantedPython) {
        Checks checks = new Checks(environment, home);
        checks.findings.add(Finding.ok(
                "pydron", Version.text() + home.map(folder -> " in " + folder).orElse(", from a Python package")));
        checks.java();
        checks.command("Maven", "mvn", "needed to build Pydron after a change: apt install maven", "-v");
        checks.command("git", "git", "needed only to fetch and to work on Pydron: apt install git", "--version");
        checks.python(wantedPython);
        checks.otherPythons();
        checks.machine();
        checks.folders();
        checks.openFiles();
        checks.loopback();
        return checks.findings;
    }

    private void java() {
        findings.add(Finding.ok("JDK", Runtime.version() + " in " + System.getProperty("java.home")));
        boolean hasCache = java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .anyMatch(argument -> argument.startsWith("-XX:AOTCache="));
        findings.add(
                hasCache
                        ? Finding.ok("AOT cache", "in use")
                        : Finding.note(
                                "AOT cache",
                                "none, starting takes about a second longer",
                                "In a checkout: remove the folder build to have it made anew."));
    }

    private void command(String what, String name, String advice, String question) {
        String answer = firstLine(name, question);
        findings.add(answer.isEmpty() ? Finding.note(what, "not found", advice) : Finding.ok(what, answer));
    }

    private static String firstLine(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(new File("/dev/null"))
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(20, TimeUnit.SECONDS) || process.exitValue() != 0) {
                return "";
            }
            // Maven colours its answer even when nobody looks.
            return said.lines()
                    .findFirst()
                    .orElse("")
                    .replaceAll("\u001b\\[[0-9;]*m", "")
                    .strip();
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private void python(Optional<String> wanted) {
        Pythons pythons = new Pythons(environment, home);
        try {
            Python python = pythons.find(wanted);
            findings.add(Finding.ok("Python", python.version() + " as " + python.executable()));
            boolean own = python.path().size() < 2;
            findings.add(Finding.ok(
                    "cloudpickle",
                    own
                            ? "installed for that Python"
                            : "Pydron's own, in " + python.path().getLast()));
        } catch (CommandFailure e) {
            findings.add(Finding.missing("Python", e.getMessage(), e.advice().toArray(String[]::new)));
        }
    }

    private void otherPythons() {
        Set<String> versions = new LinkedHashSet<>();
        for (int minor = Pythons.OLDEST_MINOR; minor < 20; minor++) {
            String name = "python3." + minor;
            for (String folder : environment.getOrDefault("PATH", "").split(":")) {
                Path file = Path.of(folder, name);
                if (Files.isExecutable(file)) {
                    Probe.of(file.toString())
                            .ifPresent(probe -> versions.add(probe.version() + " " + probe.executable()));
                }
            }
        }
        if (!versions.isEmpty()) {
            findings.add(Finding.ok("other Pythons", String.join(", ", versions)));
        }
    }

    private void machine() {
        int cores = Runtime.getRuntime().availableProcessors();
        findings.add(Finding.ok("cores", cores + (cores == 1 ? " (nothing can run in parallel)" : "")));
        memory("MemAvailable")
                .ifPresent(bytes -> findings.add(
                        bytes >= GIB
                                ? Finding.ok("memory", gib(bytes) + " available")
                                : Finding.note(
                                        "memory",
                                        gib(bytes) + " available",
                                        "Each task process needs what its script needs: use fewer with --slots.")));
    }

    private static Optional<Long> memory(String name) {
        try {
            return Files.readAllLines(Path.of("/proc/meminfo")).stream()
                    .filter(line -> line.startsWith(name + ":"))
                    .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private void folders() {
        long shared = new File("/dev/shm").getUsableSpace();
        findings.add(
                shared >= GIB
                        ? Finding.ok("/dev/shm", gib(shared) + " free")
                        : Finding.note(
                                "/dev/shm",
                                gib(shared) + " free",
                                "Large values go through files in the folder for temporary files instead.",
                                "In a container: start it with --shm-size=2g."));
        try (Session session = Session.create(environment)) {
            findings.add(Finding.ok(
                    "session folder", "can be made in " + session.folder().getParent()));
        } catch (CommandFailure e) {
            findings.add(
                    Finding.missing("session folder", e.getMessage(), e.advice().toArray(String[]::new)));
        }
        home.map(folder -> folder.resolve("build")).ifPresent(this::buildFolder);
    }

    private void buildFolder(Path build) {
        findings.add(
                Files.isWritable(Files.exists(build) ? build : build.getParent())
                        ? Finding.ok("build folder", build + " can be written")
                        : Finding.note(
                                "build folder", build + " cannot be written", "Pydron cannot rebuild itself there."));
    }

    private void openFiles() {
        try {
            String limits = Files.readString(Path.of("/proc/self/limits"));
            String line = limits.lines()
                    .filter(text -> text.startsWith("Max open files"))
                    .findFirst()
                    .orElse("");
            String[] fields = line.trim().split("\\s{2,}");
            // The JVM raises its own soft limit to the hard one, so the hard one is what counts.
            String hard = fields.length > 2 ? fields[2] : "unlimited";
            boolean few = !hard.equals("unlimited") && Long.parseLong(hard) < FEW_OPEN_FILES;
            findings.add(
                    few
                            ? Finding.note("open files", "at most " + hard, "Raise the limit: ulimit -n 4096")
                            : Finding.ok("open files", "at most " + hard));
        } catch (IOException | NumberFormatException e) {
            findings.add(Finding.note("open files", "the limit cannot be read from /proc/self/limits"));
        }
    }

    private void loopback() {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            findings.add(Finding.ok("loopback ports", "can be opened"));
        } catch (IOException e) {
            findings.add(Finding.note(
                    "loopback ports", "cannot be opened: " + e.getMessage(), "Needed only for --worker-port."));
        }
    }

    private static String gib(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) GIB);
    }
}
