package pydron.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "completion",
        description = "Print a script that teaches your shell to complete pydron commands.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  source <(pydron completion bash)            in ~/.bashrc",
            "  source <(pydron completion zsh)             in ~/.zshrc",
        })
final class CompletionCommand implements Callable<Integer> {
    enum Shell {
        bash,
        zsh
    }

    @Parameters(paramLabel = "SHELL", description = "One of ${COMPLETION-CANDIDATES}.")
    Shell shell;

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        // One script serves both: in zsh it switches bash completion on for itself.
        out.print(AutoComplete.bash("pydron", spec.root().commandLine()));
        if (shell == Shell.zsh) {
            out.println("autoload -U +X compinit && compinit -u");
        }
        out.flush();
        return 0;
    }
}
