package pydron.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import pydron.cli.local.ServiceSettings;
import pydron.cli.local.Serving;
import pydron.cli.python.Python;
import pydron.cli.python.Pythons;

@Command(
        name = "serve",
        description = {
            "Serve drivers on a socket. The package pydron starts this by itself where a script was started with plain "
                    + "'python script.py'; there is seldom a reason to call it by hand.",
            "",
            "Prints one line, 'pydron ready SOCKET', when drivers can connect. Ends at SIGTERM or Ctrl-C, and with "
                    + "--lifeline when its standard input ends."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pydron serve --socket /tmp/pydron.sock &",
            "  PYDRON_SOCKET=/tmp/pydron.sock python script.py",
        })
final class ServeCommand implements Callable<Integer> {
    private static final int LONGEST_SOCKET_PATH = 107;

    @Option(
            names = "--socket",
            required = true,
            paramLabel = "PATH",
            description = "Where drivers connect. Must not exist.")
    Path socket;

    @Option(names = "--lifeline", description = "End when standard input ends, as it does when its writer dies.")
    boolean lifeline;

    @Option(names = "--quiet", description = "Let drivers show no progress.")
    boolean quiet;

    @Mixin
    ServiceOptions service = new ServiceOptions();

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() {
        ServiceSettings settings = service.settings(spec, !quiet, false);
        Path absolute = socket.toAbsolutePath();
        checkSocket(absolute);
        Python python = new Pythons(Environment.ofUser(), Home.folder()).find(service.python);
        return new Serving(settings, python, Environment.ofUser())
                .run(absolute, lifeline, spec.commandLine().getOut());
    }

    static void checkSocket(Path socket) {
        int length = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > LONGEST_SOCKET_PATH) {
            throw new CommandFailure(
                    ExitCode.FAILED,
                    "cannot listen on '" + socket + "': the path has " + length + " bytes, a socket's path at most "
                            + LONGEST_SOCKET_PATH,
                    "Choose a folder with a shorter name.");
        }
        if (!Files.isDirectory(socket.getParent())) {
            throw new CommandFailure(
                    ExitCode.FAILED, "cannot listen on '" + socket + "': no folder '" + socket.getParent() + "'");
        }
        if (!Files.isWritable(socket.getParent())) {
            throw new CommandFailure(
                    ExitCode.FAILED, "cannot listen on '" + socket + "': its folder cannot be written");
        }
        if (Files.exists(socket, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            throw new CommandFailure(
                    ExitCode.FAILED,
                    "cannot listen on '" + socket + "': it exists",
                    "If no pydron is using it, remove it.");
        }
    }
}
