package pydron.worker;

import com.google.protobuf.ByteString;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.stream.Stream;

/// Makes pickles for the tests and shows what is in those that come back, with a Python process that it keeps.
final class Pickles implements AutoCloseable {
    private final Process process;
    private final Writer in;
    private final BufferedReader out;

    Pickles() throws IOException {
        String python = Optional.ofNullable(System.getenv("PYDRON_TEST_PYTHON")).orElse("python3");
        Path script = Path.of("src", "test", "resources", "pydron", "worker", "pickler.py");
        process = new ProcessBuilder(python, script.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        in = process.outputWriter();
        out = process.inputReader();
    }

    /// The cloudpickle of the function `f` that `source` defines in the user's main script.
    ByteString function(String source) {
        return ByteString.copyFrom(ask("function", source));
    }

    ByteString value(String expression) {
        return ByteString.copyFrom(ask("value", expression));
    }

    /// Arguments, as the expression of a tuple; `ref(k)` stands for dep k.
    ByteString args(String tuple) {
        return ByteString.copyFrom(ask("args", "(" + tuple + ", {})"));
    }

    String show(ByteString pickle) {
        return new String(
                ask("show", Base64.getEncoder().encodeToString(pickle.toByteArray())), StandardCharsets.UTF_8);
    }

    Path executable() {
        return Path.of(new String(ask("executable", ""), StandardCharsets.UTF_8));
    }

    private synchronized byte[] ask(String command, String argument) {
        try {
            in.write(command + " " + Base64.getEncoder().encodeToString(argument.getBytes(StandardCharsets.UTF_8))
                    + "\n");
            in.flush();
            byte[] reply = Base64.getDecoder().decode(out.readLine());
            String text = new String(reply, StandardCharsets.UTF_8);
            if (text.startsWith("error: ")) {
                throw new IllegalStateException(command + " " + argument + ": " + text);
            }
            return reply;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void deleteAll(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    @Override
    public void close() {
        process.destroy();
    }
}
