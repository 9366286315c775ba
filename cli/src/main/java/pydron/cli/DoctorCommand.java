package pydron.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import pydron.cli.doctor.Checks;
import pydron.cli.doctor.Finding;

@Command(
        name = "doctor",
        description = "Look at what Pydron needs on this machine, and say what is missing and what to do.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:Nothing that Pydron needs is missing.", "125:Something is."},
        footerHeading = "%nExamples:%n",
        footer = {
            "  pydron doctor",
            "  pydron doctor --python ~/venv/bin/python",
        })
final class DoctorCommand implements Callable<Integer> {
    @Option(
            names = "--python",
            paramLabel = "PATH",
            description = "The Python to look at; default: the one that run uses.")
    Optional<String> python;

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() {
        List<Finding> findings = Checks.all(Environment.ofUser(), Home.folder(), python);
        PrintWriter out = spec.commandLine().getOut();
        findings.forEach(finding -> out.println(finding.text()));
        boolean works = findings.stream().noneMatch(finding -> finding.grade() == Finding.Grade.MISSING);
        out.println();
        out.println(works ? "Pydron can run here." : "Pydron cannot run here: see MISSING above.");
        out.flush();
        return works ? 0 : ExitCode.FAILED.number();
    }
}
