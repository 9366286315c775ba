package pydron.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import pydron.cli.elastic.InstancesView;
import pydron.cli.elastic.Places;

@Command(
        name = "instances",
        description = {
            "Show the instances of this installation: state, type, price, since when, tasks done, cost so far; which pools "
                    + "rest or are paused, and why; what waits because of which limit.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pydron instances --watch          until Ctrl-C",
            "  pydron instances --json           for programs: one object, docs/elastic.md has its fields",
            "  pydron instances --resume spot    try the pool 'spot' again, which was paused",
        })
final class InstancesCommand implements Callable<Integer> {
    @Option(
            names = "--watch",
            description = "Show them again whenever something changes, until the service ends or Ctrl-C.")
    boolean watch;

    @Option(names = "--json", description = "As JSON, one line; with --watch, a line for each change.")
    boolean json;

    @Option(names = "--resume", paramLabel = "POOL", description = "Open a pool again that is paused.")
    String resume;

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() {
        if (resume != null && (watch || json)) {
            throw new ParameterException(spec.commandLine(), "--resume goes without --watch and --json");
        }
        Map<String, String> environment = Environment.ofUser();
        InstancesView view =
                new InstancesView(Places.of(environment), spec.commandLine().getOut());
        return resume != null ? view.resume(resume) : view.show(json, watch);
    }
}
