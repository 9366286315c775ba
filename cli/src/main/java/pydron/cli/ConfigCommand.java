package pydron.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import pydron.cli.elastic.Configuration;
import pydron.cli.elastic.OldConfiguration;
import pydron.cli.elastic.Places;

@Command(
        name = "config",
        description = {
            "The settings of clouds, limits and pools: one TOML file, which PYDRON_CONFIG names, or "
                    + "~/.config/pydron/pydron.toml.",
            "",
            "'check' names line and key of each mistake. 'path' prints where the file is. 'schema' prints its JSON schema, "
                    + "for editors. 'convert' reads a pydron.conf of the original Pydron (JSON) and prints what to write instead."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:All is well.", "125:The settings have mistakes, or cannot be read."},
        footerHeading = "%nExamples:%n",
        footer = {
            "  pydron config check",
            "  pydron config schema > pydron.schema.json",
            "  pydron config convert pydron.conf",
        })
final class ConfigCommand implements Callable<Integer> {
    enum What {
        CHECK,
        PATH,
        SCHEMA,
        CONVERT
    }

    @Parameters(index = "0", paramLabel = "check|path|schema|convert", description = "What to do.")
    What what;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "FILE",
            description = "The file to convert; default: ~/pydron.conf.")
    String file;

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() {
        if (file != null && what != What.CONVERT) {
            throw new ParameterException(spec.commandLine(), "only 'convert' takes a file");
        }
        Places places = Places.of(Environment.ofUser());
        Configuration configuration =
                new Configuration(places, spec.commandLine().getOut());
        return switch (what) {
            case CHECK -> configuration.check();
            case PATH -> {
                configuration.path();
                yield 0;
            }
            case SCHEMA -> {
                configuration.schema();
                yield 0;
            }
            case CONVERT -> {
                spec.commandLine().getOut().print(OldConfiguration.convert(file, Environment.ofUser()));
                spec.commandLine().getOut().flush();
                yield 0;
            }
        };
    }
}
