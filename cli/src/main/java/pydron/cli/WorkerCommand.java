package pydron.cli;

import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import pydron.cli.local.RemoteWorker;
import pydron.cli.python.Python;
import pydron.cli.python.Pythons;

@Command(
        name = "worker",
        description = {
            "Run tasks for a pydron that was started with --worker-port, until that ends.",
            "",
            "Only this machine itself can be named: the connection is not encrypted."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:The scheduler has said that there is no more work.",
            "2:The command line makes no sense.",
            "125:The scheduler cannot be reached, or does not accept this worker.",
            "126:Python is there but cannot be used.",
            "127:Python is not there.",
            "128+n:Ended by signal n.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pydron run --slots 0 --worker-port 7070 script.py &",
            "  pydron worker --connect 127.0.0.1:7070 --slots 4",
        })
final class WorkerCommand implements Callable<Integer> {
    private static final int LAST_PORT = 65_535;
    private static final int MOST_SLOTS = 4096;

    @Option(
            names = "--connect",
            required = true,
            paramLabel = "HOST:PORT",
            description = "Where the scheduler listens.")
    String connect;

    @Option(
            names = "--slots",
            paramLabel = "N",
            description = "How many tasks to run at a time; default: one for each core.")
    Integer slots;

    @Option(
            names = "--python",
            paramLabel = "PATH",
            description = "The Python for tasks; default: that of the active virtual environment, or python3.")
    Optional<String> python;

    @Option(names = "--name", paramLabel = "NAME", description = "A name for messages; default: that of the machine.")
    Optional<String> name;

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() {
        int colon = connect.lastIndexOf(':');
        String host = colon > 0 ? connect.substring(0, colon) : "";
        int port = port(connect.substring(colon + 1));
        if (host.isEmpty() || port < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--connect: '" + connect + "' is not of the form HOST:PORT");
        }
        int number = slots == null ? Runtime.getRuntime().availableProcessors() : slots;
        if (number < 1 || number > MOST_SLOTS) {
            throw new ParameterException(
                    spec.commandLine(), "--slots: " + number + " is not between 1 and " + MOST_SLOTS);
        }
        Python interpreter = new Pythons(Environment.ofUser(), Home.folder()).find(python);
        String called = name.orElseGet(WorkerCommand::hostName);
        return new RemoteWorker(called, number, interpreter, Environment.ofUser(), System.err).run(host, port);
    }

    private static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            return port <= LAST_PORT ? port : -1;
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (java.net.UnknownHostException e) {
            return "worker";
        }
    }
}
