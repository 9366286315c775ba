package pydron.cli.local;

import java.util.ArrayList;
import java.util.List;

/// What the user wants to run, with the arguments that are the program's own.
public sealed interface Program {
    List<String> arguments();

    /// As the user knows it.
    String name();

    /// A script, by the path that the user wrote: Python shows it in `sys.argv[0]`, `__file__` and tracebacks.
    record Script(String path, List<String> arguments) implements Program {
        public Script {
            arguments = List.copyOf(arguments);
        }

        @Override
        public String name() {
            return path;
        }
    }

    /// A module, as in `python -m`.
    record Module(String name, List<String> arguments) implements Program {
        public Module {
            arguments = List.copyOf(arguments);
        }
    }

    default List<String> command(String python) {
        List<String> command = new ArrayList<>();
        command.add(python);
        switch (this) {
            case Script script -> command.add(script.path());
            case Module module -> {
                command.add("-m");
                command.add(module.name());
            }
        }
        command.addAll(arguments());
        return command;
    }
}
