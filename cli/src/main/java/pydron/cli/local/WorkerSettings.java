package pydron.cli.local;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import pydron.cli.python.Python;
import pydron.cli.session.Session;
import pydron.worker.WorkerConfig;

/// The settings of a worker that lives in a session's folder.
final class WorkerSettings {
    private WorkerSettings() {}

    static WorkerConfig of(String name, int slots, Python python, Session session, Map<String, String> environment) {
        Map<String, String> variables = new HashMap<>(environment);
        variables.put("PYTHONPATH", python.pythonPath(environment.get("PYTHONPATH")));
        return new WorkerConfig(
                name,
                slots,
                Optional.of(Path.of(python.executable())),
                python.path().stream().findFirst().map(Path::of),
                session.folder(),
                session.values(),
                true,
                variables);
    }
}
