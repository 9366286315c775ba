package pydron.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import pydron.analysis.PipelineAnalysis;
import pydron.cli.explain.Report;
import pydron.cli.local.ExplainSettings;
import pydron.cli.local.ExplainSettings.Format;
import pydron.cli.local.Explaining;
import pydron.cli.pipeline.Units;

@Command(
        name = "explain",
        description = {
            "Tell what in the @pydron.schedule functions of a script does not, or may not, run in parallel: the line, the "
                    + "rule that applies, which calls it holds back, and what to write instead.",
            "",
            "The script is imported, not run: what is under 'if __name__ == \"__main__\"' does not happen. What it costs is "
                    + "told by 'pydron run --explain script.py'."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:All is told.",
            "2:The command line makes no sense.",
            "3:--assert-parallel found something.",
            "126:The script cannot be imported, or there is nothing in it to explain.",
            "127:The script is not there.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pydron explain script.py                      on the terminal",
            "  pydron explain script.py -o report.html       beside the source, for a browser",
            "  pydron explain --assert-parallel script.py    for CI: exit code 3 if a loop is held up",
        })
final class ExplainCommand implements Callable<Integer> {
    @Mixin
    ScriptOptions about;

    @Option(names = "--format", description = "One of text, json, html; default: as the file's name says, or text.")
    Format format;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where to write; default: standard output.")
    Path output;

    @Option(
            names = "--assert-parallel",
            description = "Exit with 3 if anything keeps the calls of a loop from running at the same time.")
    boolean assertParallel;

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() {
        Format chosen = format != null ? format : formatOfName();
        Units.Found found = about.find();
        Report report =
                Report.of(about.script, found.places(PipelineAnalysis.analyse(found.unit())), Explaining::lines);
        var settings = new ExplainSettings(chosen, Optional.ofNullable(output), true, assertParallel);
        Explaining.write(report, settings, Environment.ofUser(), System.out);
        return assertParallel && !Explaining.isParallel(report, System.err) ? ExitCode.NOT_PARALLEL.number() : 0;
    }

    private Format formatOfName() {
        if (output == null) {
            return Format.TEXT;
        }
        return ExplainOptions.ofName(output.getFileName().toString())
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(), "--output: '" + output + "' does not say which format; add --format"));
    }
}
