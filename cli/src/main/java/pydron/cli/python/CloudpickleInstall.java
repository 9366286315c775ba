package pydron.cli.python;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;
import pydron.cli.session.Trees;

/// A cloudpickle of Pydron's own for interpreters that have none. One folder serves all of them, because cloudpickle
/// is pure Python; it holds nothing else, so it hides no package of the user's.
///
/// Ways, in order: the interpreter's own pip; Debian's package, unpacked without installing it (a fresh Debian has
/// a Python without pip).
final class CloudpickleInstall {
    private final Path folder;
    private final Map<String, String> environment;

    CloudpickleInstall(Path folder, Map<String, String> environment) {
        this.folder = folder;
        this.environment = environment;
    }

    /// The folder to put on the path, filled if it was not.
    Path folder(Probe python) {
        if (isFilled()) {
            return folder;
        }
        try {
            Files.createDirectories(folder.getParent());
            try (FileChannel channel = FileChannel.open(
                            folder.resolveSibling("pydeps.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock _ = channel.lock()) {
                if (!isFilled()) {
                    System.err.println("pydron: " + python.executable()
                            + " has no cloudpickle, fetching one for Pydron's own use (once)");
                    fill(python);
                }
            }
        } catch (IOException e) {
            throw missing(python, e.getMessage(), e);
        }
        return folder;
    }

    private boolean isFilled() {
        return Files.isRegularFile(folder.resolve("cloudpickle/__init__.py"));
    }

    private void fill(Probe python) throws IOException {
        Path work = Files.createTempDirectory(folder.getParent(), "pydeps");
        try {
            Path log = work.resolve("log");
            Path target = work.resolve("target");
            boolean done = run(
                            log,
                            work,
                            python.executable(),
                            "-m",
                            "pip",
                            "install",
                            "--quiet",
                            "--disable-pip-version-check",
                            "--no-input",
                            "--no-deps",
                            "--retries",
                            "1",
                            "--timeout",
                            "20",
                            "--target",
                            target.toString(),
                            "cloudpickle>=2.2")
                    || debianPackage(log, work, target);
            if (!done || !Files.isRegularFile(target.resolve("cloudpickle/__init__.py"))) {
                List<String> said = Files.exists(log) ? Files.readAllLines(log) : List.of();
                throw missing(python, said.isEmpty() ? "no pip, no apt" : said.getLast(), null);
            }
            Trees.delete(folder);
            Files.move(target, folder, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Trees.delete(work);
        }
    }

    private boolean debianPackage(Path log, Path work, Path target) throws IOException {
        Path unpacked = work.resolve("unpacked");
        if (!run(
                log,
                work,
                "/bin/sh",
                "-c",
                "apt-get download -qq python3-cloudpickle && dpkg-deb -x ./*.deb unpacked")) {
            return false;
        }
        Files.createDirectories(target);
        Files.move(unpacked.resolve("usr/lib/python3/dist-packages/cloudpickle"), target.resolve("cloudpickle"));
        return true;
    }

    private boolean run(Path log, Path directory, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().clear();
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            if (!process.waitFor(5, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                return false;
            }
            return process.exitValue() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static CommandFailure missing(Probe python, String reason, Throwable cause) {
        return new CommandFailure(
                ExitCode.UNUSABLE,
                "cannot use Python '" + python.executable()
                        + "': it has no package cloudpickle, and fetching it failed: " + reason,
                cause,
                "Install it for that Python: " + python.executable() + " -m pip install cloudpickle",
                "or, for Debian's own Python: sudo apt install python3-cloudpickle");
    }
}
