package pydron.provision.join;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// One connection to a machine by the system's `ssh`: logged in once, and used for all commands and the tunnel. What
/// the user has set up for `ssh` holds for it too (proxies, for instance), but not who is believed to be the machine.
public final class Ssh implements AutoCloseable {
    private static final int MOST_OUTPUT = 1 << 20;
    /// What `ssh` itself ends with when it has no connection.
    private static final int NO_CONNECTION = 255;

    private static final Duration LOGIN = Duration.ofSeconds(30);

    /// What a program wrote, and how it ended.
    public record Result(int status, String out, String err) {}

    /// There is no connection.
    public static final class Broken extends IOException {
        private static final long serialVersionUID = 1;

        Broken(String text) {
            super(text);
        }

        /// The machine answers, and does not let us in; or it is not the right machine.
        public boolean refused() {
            return switch (Trouble.of(getMessage())) {
                case KEY, HOST_KEY -> true;
                case UNREACHABLE, FORWARD, OTHER -> false;
            };
        }
    }

    /// Whom to log in as, and how the machine is known; for a host of the user's own all that is the user's business.
    ///
    /// @param alias the name under which the machine is in `knownHosts`
    public record Identity(String user, Path key, Path knownHosts, String alias) {}

    private final List<String> base;
    private final String host;
    private final Path control;
    private final Process master;
    private final CompletableFuture<String> words;

    private Ssh(List<String> base, String host, Path control, Process master, CompletableFuture<String> words) {
        this.base = base;
        this.host = host;
        this.control = control;
        this.master = master;
        this.words = words;
    }

    /// Logs in.
    ///
    /// @param control a socket to be made, with a short path
    /// @throws Broken with what ssh says when it cannot
    public static Ssh open(Destination to, Optional<Identity> identity, Path control) throws IOException {
        List<String> base = new ArrayList<>(command(to, identity));
        base.addAll(List.of("-S", control.toString()));
        Files.deleteIfExists(control);
        List<String> command = new ArrayList<>(base);
        command.addAll(List.of("-M", "-N", "--", to.host()));
        Process master = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        CompletableFuture<String> words = collect(master.getErrorStream());
        Ssh ssh = new Ssh(List.copyOf(base), to.host(), control, master, words);
        long deadline = System.nanoTime() + LOGIN.toNanos();
        try {
            while (!Files.exists(control)) {
                if (master.waitFor(20, TimeUnit.MILLISECONDS)) {
                    throw new Broken(ssh.lastWords());
                }
                if (System.nanoTime() > deadline) {
                    throw new Broken("Connection timed out: nobody logged in within " + LOGIN.toSeconds() + " s");
                }
            }
        } catch (IOException e) {
            ssh.close();
            throw e;
        } catch (InterruptedException e) {
            ssh.close();
            throw new IOException("interrupted", e);
        }
        return ssh;
    }

    private static List<String> command(Destination to, Optional<Identity> identity) {
        List<String> base = new ArrayList<>(List.of("ssh", "-T"));
        to.config().ifPresent(it -> base.addAll(List.of("-F", it.toString())));
        List<String> options = new ArrayList<>(List.of(
                "BatchMode=yes",
                "StrictHostKeyChecking=yes",
                "UpdateHostKeys=no",
                "ServerAliveInterval=4",
                "ServerAliveCountMax=3",
                "ExitOnForwardFailure=yes",
                "ConnectTimeout=10",
                "ForwardAgent=no",
                "ForwardX11=no",
                "PermitLocalCommand=no",
                "RemoteCommand=none",
                "ControlPersist=no"));
        identity.ifPresent(it -> {
            options.addAll(List.of(
                    "IdentitiesOnly=yes",
                    "IdentityAgent=none",
                    "HostKeyAlgorithms=ssh-ed25519",
                    "UserKnownHostsFile=" + it.knownHosts(),
                    "GlobalKnownHostsFile=/dev/null",
                    "HostKeyAlias=" + it.alias(),
                    "PreferredAuthentications=publickey"));
            base.addAll(List.of("-i", it.key().toString(), "-l", it.user()));
        });
        to.identity().ifPresent(it -> base.addAll(List.of("-i", it.toString())));
        options.forEach(it -> base.addAll(List.of("-o", it)));
        if (identity.isEmpty()) {
            to.user().ifPresent(it -> base.addAll(List.of("-l", it)));
        }
        to.port().ifPresent(it -> base.addAll(List.of("-p", it.toString())));
        return base;
    }

    /// Runs a script on a host of the user's own, on a connection for this alone.
    ///
    /// @param variables set before the script, a resource of the jar
    /// @throws Broken when it cannot be reached, or the connection ends
    public static Result once(
            Destination to, Map<String, String> variables, String script, Optional<Path> input, Duration patience)
            throws IOException, InterruptedException {
        List<String> command = command(to, Optional.empty());
        String text = Scripts.with(variables, script);
        command.addAll(List.of("-o", "ControlPath=none", "--", to.host(), "exec sh -c " + Scripts.quote(text)));
        Process process = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(
                        input.orElse(Path.of("/dev/null")).toFile()))
                .start();
        CompletableFuture<String> out = collect(process.getInputStream());
        CompletableFuture<String> err = collect(process.getErrorStream());
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new Broken("Connection timed out: no answer within " + patience.toSeconds() + " s");
            }
        } finally {
            end(process);
        }
        if (process.exitValue() == NO_CONNECTION) {
            throw new Broken(oneLine(err.join()));
        }
        return new Result(process.exitValue(), out.join(), err.join());
    }

    /// One that has ended is left alone: to destroy it would close what it has written before it is read.
    private static void end(Process process) {
        if (process.isAlive()) {
            process.destroyForcibly();
        }
    }

    private static CompletableFuture<String> collect(InputStream stream) {
        CompletableFuture<String> text = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try (stream) {
                byte[] bytes = stream.readNBytes(MOST_OUTPUT);
                text.complete(new String(bytes, StandardCharsets.UTF_8));
                stream.transferTo(java.io.OutputStream.nullOutputStream());
            } catch (IOException e) {
                text.complete("");
            }
        });
        return text;
    }

    /// What ssh says of the connection's end, on one line.
    String lastWords() {
        try {
            return oneLine(words.get(2, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            return "Connection closed";
        }
    }

    /// Runs a script of the Bourne shell there.
    ///
    /// @param input for the script; empty: nothing
    /// @throws Broken when the connection ends
    public Result run(String script, Optional<Path> input, Duration patience) throws IOException, InterruptedException {
        return execute(List.of("--", host, "exec sh -c " + Scripts.quote(script)), input, patience);
    }

    /// Begins a tunnel from a free port of the machine's loopback to one of this machine's.
    ///
    /// @return the port there
    public int reverse(int port) throws IOException, InterruptedException {
        Result result = execute(
                List.of("-O", "forward", "-R", "127.0.0.1:0:127.0.0.1:" + port, "--", host),
                Optional.empty(),
                Duration.ofSeconds(20));
        String text = result.out().strip();
        if (result.status() != 0 || !text.matches("[0-9]{1,5}")) {
            throw new Broken("remote port forwarding failed: " + result.err().strip());
        }
        return Integer.parseInt(text);
    }

    private Result execute(List<String> what, Optional<Path> input, Duration patience)
            throws IOException, InterruptedException {
        if (!master.isAlive()) {
            throw new Broken(lastWords());
        }
        List<String> command = new ArrayList<>(base);
        // Never a connection of its own, which would be made if the socket were gone.
        command.addAll(List.of("-o", "ControlMaster=no", "-o", "ProxyCommand=false"));
        command.addAll(what);
        Process process = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(
                        input.orElse(Path.of("/dev/null")).toFile()))
                .start();
        CompletableFuture<String> out = collect(process.getInputStream());
        CompletableFuture<String> err = collect(process.getErrorStream());
        try {
            long deadline = System.nanoTime() + patience.toNanos();
            while (!process.waitFor(200, TimeUnit.MILLISECONDS)) {
                if (!master.isAlive()) {
                    throw new Broken(lastWords());
                }
                if (System.nanoTime() > deadline) {
                    throw new IOException("no answer within " + patience.toSeconds() + " s");
                }
            }
        } finally {
            end(process);
        }
        if (process.exitValue() == NO_CONNECTION && !master.isAlive()) {
            throw new Broken(lastWords());
        }
        return new Result(process.exitValue(), out.join(), err.join());
    }

    private static String oneLine(String text) {
        List<String> lines = text.lines()
                .map(String::strip)
                .filter(it -> !it.isEmpty() && !it.startsWith("@") && !it.startsWith("Warning: Permanently"))
                .toList();
        return lines.isEmpty() ? "Connection closed" : String.join(" ", lines);
    }

    boolean alive() {
        return master.isAlive();
    }

    /// Ends the connection, and with it the tunnel.
    @Override
    public void close() {
        master.destroy();
        try {
            if (!master.waitFor(2, TimeUnit.SECONDS)) {
                master.destroyForcibly();
            }
            Files.deleteIfExists(control);
        } catch (IOException e) {
            // Its folder goes too.
        } catch (InterruptedException e) {
            master.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
