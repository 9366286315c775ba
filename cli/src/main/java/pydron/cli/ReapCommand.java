package pydron.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import pydron.cli.elastic.Ending;
import pydron.cli.elastic.Places;

@Command(
        name = "reap",
        description = {
            "Find what carries this installation's tag in the accounts of all clouds of the settings and belongs to no "
                    + "instance that is wanted (instances, volumes, keys, groups), and remove it. The service does this by "
                    + "itself, after a grace of five minutes."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:Nothing is left.", "125:Something could not be removed, or a cloud could not be asked."},
        footerHeading = "%nExample:%n",
        footer = "  pydron reap --dry-run")
final class ReapCommand implements Callable<Integer> {
    @Option(names = "--dry-run", description = "Only show what would be removed.")
    boolean dry;

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() {
        Map<String, String> environment = Environment.ofUser();
        return new Ending(
                        Places.of(environment), environment, spec.commandLine().getOut())
                .reap(dry);
    }
}
