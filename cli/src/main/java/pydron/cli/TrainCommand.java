package pydron.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import pydron.cli.local.LocalRun;
import pydron.cli.local.Program;
import pydron.cli.local.ServiceSettings;
import pydron.cli.local.WarmUp;
import pydron.cli.pipeline.Units;
import pydron.cli.python.Python;
import pydron.cli.python.Pythons;
import pydron.cli.session.Session;

/// What the build runs once while the JVM watches: a small pipeline through the real path, so that the AOT cache holds
/// what a run needs. The pipeline is kept for [WarmUp].
@Command(name = "train", hidden = true, description = "Run what the AOT cache is made from.")
final class TrainCommand implements Callable<Integer> {
    @Override
    public Integer call() throws IOException {
        // Parsing is part of every start; a command line of its own, because this one is just being executed.
        CommandLine parser = Main.commandLine();
        parser.parseArgs("run", "--slots", "2", "script.py", "--option");
        Main.commandLine().setOut(nowhere()).execute("run", "--help");
        Python python = new Pythons(Environment.ofUser(), Home.folder()).find(Optional.empty());
        try (Session scratch = Session.create(Environment.ofUser());
                InputStream script = TrainCommand.class.getResourceAsStream("/pydron/train.py")) {
            Path file = scratch.folder().resolve("train.py");
            Files.write(file, script.readAllBytes());
            Optional<Path> warmUp = WarmUp.unit();
            if (warmUp.isPresent()) {
                Path unit = scratch.folder().resolve("unit");
                Units.write(python, Environment.ofUser(), file.toString(), Optional.empty(), unit);
                Files.move(unit, warmUp.get(), StandardCopyOption.REPLACE_EXISTING);
            }
            return new LocalRun(
                            new ServiceSettings(2, OptionalInt.empty(), false, Optional.empty()),
                            python,
                            Environment.ofUser(),
                            System.err,
                            false)
                    .run(new Program.Script(file.toString(), List.of()));
        }
    }

    private static java.io.PrintWriter nowhere() {
        return new java.io.PrintWriter(new PrintStream(OutputStream.nullOutputStream()));
    }
}
