package pydron.cli;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import pydron.cli.elastic.Ending;
import pydron.cli.elastic.Places;
import pydron.cli.python.Python;
import pydron.cli.python.Pythons;

@Command(
        name = "down",
        description = {
            "End all instances of this installation, then the service. Running tasks get ten minutes to finish, unless "
                    + "--now is given. Ctrl-C leaves it going on in the background.",
            "",
            "Where no service runs, one is started for as long as it takes."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:Nothing is left.",
            "125:Something could not be ended, or a cloud could not be asked.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pydron down            end what is there",
            "  pydron down --now      without waiting for tasks",
            "  pydron down --all      and remove everything else in the accounts that carries our tag",
        })
final class DownCommand implements Callable<Integer> {
    @Option(names = "--now", description = "Do not wait for running tasks.")
    boolean now;

    @Option(
            names = "--all",
            description =
                    "Also remove whatever else carries this installation's tag: volumes, keys, groups, instances that "
                            + "nobody knows of. As 'pydron reap' does.")
    boolean all;

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() {
        Map<String, String> environment = Environment.ofUser();
        Python python = new Pythons(environment, Home.folder()).find(Optional.empty());
        return new Ending(
                        Places.of(environment), environment, spec.commandLine().getOut())
                .down(python, now, all);
    }
}
