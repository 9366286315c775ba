package pydron.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Stack;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import pydron.cli.elastic.Places;
import pydron.cli.elastic.RunOn;
import pydron.cli.local.LocalRun;
import pydron.cli.local.Program;
import pydron.cli.local.ServiceSettings;
import pydron.cli.python.Python;
import pydron.cli.python.Pythons;

@Command(
        name = "run",
        description = {
            "Run a Python script as 'python script.py' would, its @pydron.schedule functions in parallel on this machine.",
            "",
            "Options come before the script; everything after it is for the script."
        },
        customSynopsis = {
            "pydron run [OPTIONS] script.py [ARGUMENT...]",
            "       pydron run [OPTIONS] -m module [ARGUMENT...]",
        },
        exitCodeListHeading = "%nExit codes: those of the script, and%n",
        exitCodeList = {
            "2:The command line makes no sense.",
            "3:--assert-parallel found something.",
            "123:The script said 0, and --verify found a broken contract.",
            "125:Pydron itself failed.",
            "126:The script or Python is there but cannot be used.",
            "127:The script or Python is not there.",
            "128+n:Signal n ended the script, or the run: 130 is Ctrl-C.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pydron run analyse.py --verbose data/",
            "  pydron run --slots 4 --python ~/venv/bin/python analyse.py",
            "  pydron run -m mypackage.analyse",
            "  pydron run --verify=5%% analyse.py      checks the promises of @pydron.functional on the way",
            "  pydron run --explain analyse.py                what held the run up, and what to write instead",
            "  pydron run --explain=report.html analyse.py    the same beside the source, for a browser",
        })
final class RunCommand implements Callable<Integer> {
    /// A share between 0 (excluded) and 100 percent, or a word.
    private static final Pattern VERIFY =
            Pattern.compile("(?!0*\\.?0*%)(100(\\.0*)?|\\d{1,2}(\\.\\d*)?|\\.\\d+)%|sequential|twice");

    @Mixin
    ServiceOptions service = new ServiceOptions();

    @Option(
            names = "--on",
            paramLabel = "CLOUD",
            split = ",",
            description =
                    "Run the tasks on instances of this cloud of the settings ('pydron cloud add'), which start when "
                            + "there is work and end when they are idle. Starts the service if it does not run ('pydron up').")
    List<String> on = new ArrayList<>();

    @Option(
            names = "--requirements",
            paramLabel = "FILE|off",
            description = "With --on: what instances install for the script's tasks, a requirements file of pip or a "
                    + "pyproject.toml. Default: what the settings name, else requirements.txt or pyproject.toml beside the "
                    + "script; 'off': nothing.")
    Optional<String> requirements = Optional.empty();

    @Option(names = "--quiet", description = "Show no progress.")
    boolean quiet;

    @Option(
            names = "--verify",
            paramLabel = "HOW",
            description = {
                "Look whether functions keep what their decorators promise. 'N%%': run so many of the calls of "
                        + "@pydron.functional functions again in a fresh process and compare results, arguments and "
                        + "globals. 'sequential': run each pipeline in sequence as well, in a copy of the process that stops "
                        + "before it would write files or the like, and compare everything. 'twice': the same, but it goes on. "
                        + "Separate several by a comma. The answer stays what it is; what was found goes to standard error.",
            })
    Optional<String> verify = Optional.empty();

    @Option(
            names = "--assert-parallel",
            description = "Exit with 3, and list the places, if anything keeps the calls of a loop from running at the "
                    + "same time.")
    boolean assertParallel;

    @Option(
            names = "--speculate",
            paramLabel = "N|off",
            description = {
                "How many calls for each slot may be computed before it is certain that they will be made, while the script "
                        + "does something that nothing is known about (default: 2; off: none).",
                "With this option the run says at its end how many there were, and how much was in vain."
            })
    String speculate;

    @Option(
            names = "-m",
            paramLabel = "MODULE",
            parameterConsumer = Everything.class,
            description = "Run a module, as 'python -m' does. Everything after it is for the module.")
    List<String> module = new ArrayList<>();

    @Parameters(paramLabel = "script.py [ARGUMENT...]", arity = "0..*", description = "The script and its arguments.")
    List<String> script = new ArrayList<>();

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() {
        if (!on.isEmpty()) {
            return runOn();
        }
        ServiceSettings settings = service.settings(spec, !quiet, assertParallel);
        if (requirements.isPresent()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--requirements is for instances (--on); here the script's own Python runs tasks");
        }
        Program program = program();
        Map<String, String> environment = environment();
        Python python = new Pythons(environment, Home.folder()).find(service.python);
        return new LocalRun(settings, python, environment, System.err, speculate != null).run(program);
    }

    private int runOn() {
        if (service.slots != null || service.workerPort != null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--on runs the tasks on instances; --slots and --worker-port are for this machine");
        }
        if (assertParallel || service.explain.asked()) {
            throw new ParameterException(
                    spec.commandLine(), "--explain and --assert-parallel look at runs on this machine; leave out --on");
        }
        Program program = program();
        Map<String, String> environment = environment();
        Python python = new Pythons(environment, Home.folder()).find(service.python);
        return RunOn.run(
                Places.of(environment), on, python, environment, program, new RunOn.Options(quiet, requirements));
    }

    private Map<String, String> environment() {
        var environment = new HashMap<>(Environment.ofUser());
        if (speculate != null) {
            if (!speculate.equals("off") && !speculate.matches("[0-9]{1,4}")) {
                throw new ParameterException(
                        spec.commandLine(), "--speculate is a number or 'off', not '" + speculate + "'");
            }
            environment.put(LocalRun.SPECULATE, speculate);
        }
        if (verify.isPresent()) {
            for (String how : verify.get().split(",", -1)) {
                if (!VERIFY.matcher(how).matches()) {
                    throw new ParameterException(
                            spec.commandLine(),
                            "--verify: '" + how
                                    + "' is neither a share of the calls such as 5%, nor 'sequential', nor 'twice'");
                }
            }
            environment.put(LocalRun.VERIFY, verify.get());
        }
        return environment;
    }

    private Program program() {
        if (!module.isEmpty()) {
            return new Program.Module(module.getFirst(), module.subList(1, module.size()));
        }
        if (script.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "which script? 'pydron run script.py'");
        }
        checkReadable(script.getFirst());
        return new Program.Script(script.getFirst(), script.subList(1, script.size()));
    }

    /// Python would say the same, but only after it has started. A folder may hold a `__main__.py`.
    static void checkReadable(String script) {
        Path file = Path.of(script);
        if (!Files.exists(file)) {
            throw new CommandFailure(ExitCode.NOT_FOUND, "cannot run '" + script + "': no such file");
        }
        if (!Files.isReadable(file)) {
            throw new CommandFailure(ExitCode.UNUSABLE, "cannot run '" + script + "': permission denied");
        }
        if (Files.isDirectory(file) && !Files.exists(file.resolve("__main__.py"))) {
            throw new CommandFailure(
                    ExitCode.UNUSABLE, "cannot run '" + script + "': it is a folder without a __main__.py");
        }
    }

    /// Takes the rest of the command line as it is.
    static final class Everything implements IParameterConsumer {
        @Override
        public void consumeParameters(Stack<String> rest, ArgSpec option, CommandSpec command) {
            List<String> taken = option.getValue();
            if (rest.isEmpty()) {
                throw new ParameterException(command.commandLine(), "which module? 'pydron run -m module'");
            }
            while (!rest.isEmpty()) {
                taken.add(rest.pop());
            }
        }
    }
}
