package pydron.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import pydron.analysis.PipelineAnalysis;
import pydron.analysis.Template;
import pydron.analysis.TemplatePrinter;
import pydron.analysis.ast.Unit;
import pydron.cli.graph.DotWriter;
import pydron.cli.graph.Graph;
import pydron.cli.graph.Layout;
import pydron.cli.graph.Picture;
import pydron.cli.graph.PngWriter;
import pydron.cli.graph.SvgWriter;
import pydron.cli.pipeline.PipelineGraph;

@Command(
        name = "graph",
        description = {
            "Draw what Pydron sees in the @pydron.schedule functions of a script: calls that become tasks, the user's own "
                    + "statements, and the values that go from one to the other.",
            "",
            "The script is imported, not run: what is under 'if __name__ == \"__main__\"' does not happen."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pydron graph script.py                            as text, on the terminal",
            "  pydron graph script.py -o graph.svg               the format is that of the file's name",
            "  pydron graph script.py --function pipeline --format dot | dot -Tpdf > graph.pdf",
        })
final class GraphCommand implements Callable<Integer> {
    enum Format {
        svg,
        png,
        dot,
        text
    }

    @Mixin
    ScriptOptions about;

    @Option(
            names = "--format",
            description = "One of ${COMPLETION-CANDIDATES}; default: as the file's name says, or text.")
    Format format;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where to write; default: standard output.")
    Path output;

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Format chosen = format == null ? formatOfName() : format;
        Unit unit = about.find().toldOnScreen();
        if (unit.functions().isEmpty()) {
            throw new CommandFailure(ExitCode.UNUSABLE, "there is nothing to draw in '" + about.script + "'");
        }
        List<Template> templates = PipelineAnalysis.analyse(unit);
        write(
                switch (chosen) {
                    case text -> text(templates).getBytes(StandardCharsets.UTF_8);
                    case dot -> DotWriter.write(graph(unit, templates)).getBytes(StandardCharsets.UTF_8);
                    case svg ->
                        SvgWriter.write(Layout.of(graph(unit, templates))).getBytes(StandardCharsets.UTF_8);
                    case png -> png(Layout.of(graph(unit, templates)));
                });
        return 0;
    }

    private Format formatOfName() {
        if (output == null) {
            return Format.text;
        }
        String name = output.getFileName().toString().toLowerCase(Locale.ROOT);
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "svg" -> Format.svg;
            case "png" -> Format.png;
            case "dot", "gv" -> Format.dot;
            case "txt", "graph" -> Format.text;
            default ->
                throw new ParameterException(
                        spec.commandLine(), "--output: '" + output + "' does not say which format; add --format");
        };
    }

    private Graph graph(Unit unit, List<Template> templates) {
        return PipelineGraph.of(
                unit, templates, Path.of(about.script).getFileName().toString());
    }

    private static String text(List<Template> templates) {
        List<String> texts = new ArrayList<>();
        templates.forEach(template -> texts.add(TemplatePrinter.print(template)));
        return String.join("\n", texts);
    }

    /// Java finds out late, and in many ways, that there is no font to draw text with.
    private static byte[] png(Picture picture) {
        try {
            return PngWriter.write(picture);
        } catch (LinkageError | InternalError | java.awt.AWTError | NullPointerException e) {
            throw noFont(e);
        } catch (RuntimeException e) {
            if (String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("font")) {
                throw noFont(e);
            }
            throw e;
        }
    }

    private static CommandFailure noFont(Throwable cause) {
        return new CommandFailure(
                ExitCode.FAILED,
                "cannot draw a PNG here: Java finds no font",
                cause,
                "Install one (apt install fontconfig fonts-dejavu-core), or use --format svg.");
    }

    private void write(byte[] bytes) throws IOException {
        if (output != null) {
            Files.write(output, bytes);
            return;
        }
        PrintStream out = System.out;
        out.write(bytes);
        out.flush();
    }
}
