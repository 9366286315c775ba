package pydron.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/// The command line. Commands are thin: they check what the user wrote and hand over to one package each.
@Command(
        name = "pydron",
        description = "Runs sequential Python in parallel.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = Version.class,
        subcommands = {
            RunCommand.class,
            UpCommand.class,
            DownCommand.class,
            InstancesCommand.class,
            PlanCommand.class,
            ReapCommand.class,
            CloudCommand.class,
            LimitsCommand.class,
            ConfigCommand.class,
            ServeCommand.class,
            WorkerCommand.class,
            GraphCommand.class,
            CheckCommand.class,
            ExplainCommand.class,
            ConformanceCommand.class,
            DoctorCommand.class,
            VersionCommand.class,
            CompletionCommand.class,
            TrainCommand.class,
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pydron run script.py                run a script, its @pydron.schedule functions in parallel",
            "  pydron run --slots 4 script.py -v   four tasks at a time; -v goes to the script",
            "  pydron graph script.py -o graph.svg a picture of what runs in parallel",
            "  pydron check script.py              what breaks the contract of its @pydron.functional functions",
            "  pydron explain script.py            what does not run in parallel, why, and what to write instead",
            "  pydron doctor                       what is missing on this machine",
            "",
            "'pydron COMMAND --help' explains a command; docs/exit-codes.md lists the exit codes.",
        })
public final class Main {
    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "On an error, also print where in Pydron it happened.")
    boolean stacktrace;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Explain the command.")
    boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Print the version.")
    boolean version;

    public static void main(String[] args) {
        int code = commandLine().execute(args);
        System.exit(code);
    }

    static CommandLine commandLine() {
        Main main = new Main();
        Failures failures = new Failures(main);
        CommandLine line = new CommandLine(main)
                .setExpandAtFiles(false) // an argument of the script may begin with @
                .setUsageHelpWidth(100)
                .setUsageHelpAutoWidth(false)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(failures)
                .setParameterExceptionHandler(failures)
                .setExecutionStrategy(Main::runLastOrExplain);
        // What follows the script belongs to the script, whatever it looks like.
        line.getSubcommands().get("run").setStopAtPositional(true);
        return line;
    }

    private static int runLastOrExplain(CommandLine.ParseResult parsed) {
        if (!parsed.hasSubcommand() && !parsed.isUsageHelpRequested() && !parsed.isVersionHelpRequested()) {
            CommandLine top = parsed.commandSpec().commandLine();
            PrintWriter err = top.getErr();
            top.usage(err);
            err.flush();
            return ExitCode.USAGE.number();
        }
        return new CommandLine.RunLast().execute(parsed);
    }
}
