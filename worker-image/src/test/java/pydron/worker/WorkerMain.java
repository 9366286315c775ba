package pydron.worker;

import java.nio.file.Path;
import java.util.Optional;

/// A worker in a JVM of its own, to be killed.
final class WorkerMain {
    private WorkerMain() {}

    public static void main(String[] args) throws Exception {
        WorkerConfig config = new WorkerConfig(
                "killed",
                2,
                Optional.of(Path.of(args[1])),
                Optional.of(Path.of(args[2])),
                Path.of(args[3]),
                Path.of(args[4]),
                true,
                System.getenv());
        Worker.start(config, LoopbackChannel.open("127.0.0.1", Integer.parseInt(args[0])), new WorkerListener() {})
                .awaitEnd();
    }
}
