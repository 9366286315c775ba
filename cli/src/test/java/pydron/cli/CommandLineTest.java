package pydron.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// The words and exit codes of the command line.
class CommandLineTest {
    @TempDir
    Path folder;

    private record Outcome(int code, String out, String err) {}

    private static Outcome pydron(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int code = line.execute(arguments);
        return new Outcome(code, out.toString(), err.toString());
    }

    @Test
    void missingScript() {
        Outcome outcome = pydron("run", folder + "/none.py");
        assertThat(outcome.err()).isEqualTo("pydron: cannot run '" + folder + "/none.py': no such file\n");
        assertThat(outcome.code()).isEqualTo(127);
    }

    @Test
    void folderWithoutMain() {
        Outcome outcome = pydron("run", folder.toString());
        assertThat(outcome.err())
                .isEqualTo("pydron: cannot run '" + folder + "': it is a folder without a __main__.py\n");
        assertThat(outcome.code()).isEqualTo(126);
    }

    @Test
    void noScript() {
        Outcome outcome = pydron("run");
        assertThat(outcome.err()).isEqualTo("""
                pydron: which script? 'pydron run script.py'
                  Try 'pydron run --help'.
                """);
        assertThat(outcome.code()).isEqualTo(2);
    }

    @Test
    void noModule() {
        assertThat(pydron("run", "-m").code()).isEqualTo(2);
    }

    @Test
    void slotsThatAreNoNumber() {
        Outcome outcome = pydron("run", "--slots", "many", "x.py");
        assertThat(outcome.err()).startsWith("pydron: Invalid value for option '--slots': 'many' is not an int");
        assertThat(outcome.code()).isEqualTo(2);
    }

    @Test
    void slotsOutOfRange() {
        Outcome outcome = pydron("run", "--slots", "-1", "x.py");
        assertThat(outcome.err()).startsWith("pydron: --slots: -1 is not between 0 and 4096");
        assertThat(outcome.code()).isEqualTo(2);
    }

    @Test
    void noSlotsAndNobodyElse() {
        Outcome outcome = pydron("run", "--slots", "0", "x.py");
        assertThat(outcome.err()).startsWith("pydron: --slots 0 needs --worker-port, or nothing would ever run");
        assertThat(outcome.code()).isEqualTo(2);
    }

    @Test
    void portOutOfRange() {
        Outcome outcome = pydron("run", "--worker-port", "70000", "x.py");
        assertThat(outcome.err()).startsWith("pydron: --worker-port: 70000 is not between 0 and 65535");
        assertThat(outcome.code()).isEqualTo(2);
    }

    @Test
    void workerWithoutPort() {
        Outcome outcome = pydron("worker", "--connect", "somewhere");
        assertThat(outcome.err()).startsWith("pydron: --connect: 'somewhere' is not of the form HOST:PORT");
        assertThat(outcome.code()).isEqualTo(2);
    }

    @Test
    void socketPathTooLong() {
        String socket = "/tmp/" + "x".repeat(120);
        Outcome outcome = pydron("serve", "--socket", socket);
        assertThat(outcome.err())
                .startsWith("pydron: cannot listen on '" + socket
                        + "': the path has 125 bytes, a socket's path at most 107\n");
        assertThat(outcome.code()).isEqualTo(125);
    }

    @Test
    void socketThatExists() throws Exception {
        Path socket = Files.createFile(folder.resolve("s"));
        Outcome outcome = pydron("serve", "--socket", socket.toString());
        assertThat(outcome.err()).startsWith("pydron: cannot listen on '" + socket + "': it exists\n");
        assertThat(outcome.code()).isEqualTo(125);
    }

    @Test
    void unknownCommandAndOption() {
        assertThat(pydron("rnu").code()).isEqualTo(2);
        Outcome outcome = pydron("run", "--slot", "3", "x.py");
        assertThat(outcome.err()).startsWith("pydron: Unknown option: '--slot'").contains("--slots");
        assertThat(outcome.code()).isEqualTo(2);
    }

    @Test
    void formatThatCannotBeTold() throws Exception {
        Path script = Files.createFile(folder.resolve("s.py"));
        Outcome outcome = pydron("graph", script.toString(), "-o", "picture.jpeg");
        assertThat(outcome.err())
                .startsWith("pydron: --output: 'picture.jpeg' does not say which format; add --format");
        assertThat(outcome.code()).isEqualTo(2);
    }

    @Test
    void helpIsThereForEveryCommand() {
        for (CommandLine command : Main.commandLine().getSubcommands().values()) {
            Outcome outcome = pydron(command.getCommandName(), "--help");
            assertThat(outcome.code()).as(command.getCommandName()).isZero();
            assertThat(outcome.out()).contains("Usage: pydron " + command.getCommandName());
        }
    }

    @Test
    void nothingAtAllShowsTheCommands() {
        Outcome outcome = pydron();
        assertThat(outcome.err()).contains("Commands:").contains("  run ");
        assertThat(outcome.code()).isEqualTo(2);
    }

    @Test
    void version() {
        assertThat(pydron("version").out()).matches("(?s)pydron \\d+\\.\\d+\\.\\d+.*\njava 2[5-9].*\n");
        assertThat(pydron("--version").out()).startsWith("pydron ");
    }

    @Test
    void completionIsAScript() {
        assertThat(pydron("completion", "bash").out())
                .startsWith("#!/usr/bin/env bash")
                .contains("--slots");
        assertThat(pydron("completion", "zsh").out()).contains("compinit");
        assertThat(pydron("completion", "tcsh").code()).isEqualTo(2);
    }

    @Test
    void stackTraceOnlyOnRequest() {
        assertThat(pydron("run", "none.py").err()).doesNotContain("\tat ");
        assertThat(pydron("run", "--stacktrace", "none.py").err()).contains("\tat pydron.cli");
    }
}
