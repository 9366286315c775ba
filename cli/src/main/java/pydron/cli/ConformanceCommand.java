package pydron.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import pydron.cli.local.LocalRun;
import pydron.cli.local.Program;
import pydron.cli.local.ServiceSettings;
import pydron.cli.python.Python;
import pydron.cli.python.Pythons;

@Command(
        name = "conformance",
        description = {
            "Run the tests of existing Python files with and without @pydron.schedule on every function, and compare how "
                    + "each test ends.",
            "",
            "The files stay as they are: they are decorated while they are imported. Tests are those that unittest finds, or "
                    + "pytest in files written for it. Each file is run twice, each time in a process of its own."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:All tests end the same way.",
            "1:There are differences.",
            "2:The command line makes no sense.",
            "125:Pydron itself failed.",
            "127:A file or Python is not there.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pydron conformance tests/                          all files test_*.py in a folder",
            "  pydron conformance test.test_grammar test.test_with   modules: here, tests of Python's own",
            "  pydron conformance --through --only test_loop tests/test_model.py",
        })
final class ConformanceCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", arity = "1..*", description = "Files, folders, or names of modules.")
    List<String> files = new ArrayList<>();

    @Option(
            names = "--only",
            paramLabel = "PATTERN",
            description = "Only tests whose name contains this, or matches it as a pattern with * and ?.")
    String only = "";

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description = "How long the tests of a file may take, each time. Default: ${DEFAULT-VALUE}.")
    double timeout;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many files to run at a time. Default: ${DEFAULT-VALUE}.")
    int jobs;

    @Option(
            names = "--through",
            description =
                    "Send every call through the scheduler that can be, also where nothing is functional and a call "
                            + "would be one of the plain function. A harder test, and much slower.")
    boolean through;

    @Option(
            names = "--awake",
            description = "As if something in the program were functional: calls are looked at until it is clear that "
                    + "nothing in them is.")
    boolean awake;

    @Option(
            names = "--outermost",
            description = "Decorate above other decorators; otherwise below them, next to the function.")
    boolean outermost;

    @Option(names = "--json", description = "Print the comparison as JSON.")
    boolean json;

    @Mixin
    ServiceOptions service = new ServiceOptions();

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() {
        ServiceSettings settings = service.settings(spec, false, false);
        Python python = new Pythons(Environment.ofUser(), Home.folder()).find(service.python);
        return new LocalRun(settings, python, Environment.ofUser(), System.err, false)
                .run(new Program.Module("pydron._conformance", arguments()));
    }

    private List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        arguments.add("--timeout=" + timeout);
        arguments.add("--jobs=" + jobs);
        arguments.add("--only=" + only);
        arguments.add("--way=" + (through ? "through" : awake ? "awake" : "scheduled"));
        if (outermost) {
            arguments.add("--outermost");
        }
        if (json) {
            arguments.add("--json");
        }
        arguments.add("--");
        arguments.addAll(files);
        return arguments;
    }
}
