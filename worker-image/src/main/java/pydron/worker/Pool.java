package pydron.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// The task processes of a worker: as many as there are slots are kept started when the interpreter is known
/// beforehand, others start when a job needs them. Guarded by the agent's lock.
final class Pool {
    private static final int TRIES = 3;
    /// What a task process puts before a reason that it has found itself.
    private static final String OUR_WORDS = "pydron: ";
    private static final Pattern NO_SUCH_FILE = Pattern.compile("error[=:] ?2\\b");
    private static final SecureRandom RANDOM = new SecureRandom();

    private final WorkerConfig config;
    private final Path socket;
    private final String valuePrefix;
    private final TaskProcess.Owner owner;
    private final SequencedMap<String, TaskProcess> processes = new LinkedHashMap<>();
    private final Set<TaskProcess> ending = new LinkedHashSet<>();
    private final Map<String, Integer> failures = new LinkedHashMap<>();
    private final Map<String, String> hopeless = new LinkedHashMap<>();
    private boolean wantsSpare;

    Pool(WorkerConfig config, Path socket, String valuePrefix, TaskProcess.Owner owner) {
        this.config = config;
        this.socket = socket;
        this.valuePrefix = valuePrefix;
        this.owner = owner;
    }

    /// With which the names of value files begin that belong to this worker.
    String valuePrefix() {
        return valuePrefix;
    }

    /// Starts what is missing to have one process for each slot, where the interpreter is configured. When one had to
    /// be ended in the middle of a task, more may follow: from then on there is a spare, as starting takes long. It
    /// starts when no other does, that it may not hold up one that is needed.
    void fill() {
        config.python().map(Path::toString).ifPresent(python -> {
            while (processes.size() < config.slots() && !hopeless.containsKey(python)) {
                start(python);
            }
            if (spareIsMissing()) {
                start(python);
            }
        });
    }

    private boolean spareIsMissing() {
        return wantsSpare
                && processes.size() == config.slots()
                && processes.values().stream().noneMatch(p -> p.stage() == TaskProcess.Stage.STARTING);
    }

    /// Why this interpreter cannot be used at all.
    Optional<String> hopeless(String python) {
        return Optional.ofNullable(hopeless.get(python));
    }

    /// A process for a run of this job: an idle one that served the job before, or one that is free, perhaps still
    /// starting. Empty when none can be started; [#hopeless] then knows why.
    ///
    /// Of several that served the job, the one used last: it has the newest values, and warm caches.
    Optional<TaskProcess> take(int job, String python) {
        Optional<TaskProcess> found = processes.sequencedValues().reversed().stream()
                .filter(p -> isIdle(p) && p.job().isPresent() && p.job().getAsInt() == job)
                .findFirst()
                .or(() -> find(p -> isFree(p, python) && p.stage() == TaskProcess.Stage.READY))
                .or(() -> find(p -> isFree(p, python)));
        if (found.isEmpty()) {
            // Idle processes of other jobs are kept for their return, but not without end.
            if (processes.size() >= 2 * config.slots()) {
                find(Pool::isIdle).ifPresent(this::retire);
            }
            found = start(python);
        }
        found.ifPresent(p -> {
            p.bind(job);
            processes.remove(p.token());
            processes.put(p.token(), p); // the order is that of use: the one unused for longest is first
        });
        return found;
    }

    private static boolean isIdle(TaskProcess p) {
        return p.run().isEmpty() && p.stage() != TaskProcess.Stage.GONE;
    }

    private static boolean isFree(TaskProcess p, String python) {
        return isIdle(p) && p.job().isEmpty() && p.python().equals(python);
    }

    private Optional<TaskProcess> find(Predicate<TaskProcess> which) {
        return processes.values().stream().filter(which).findFirst();
    }

    Optional<TaskProcess> byToken(String token) {
        return Optional.ofNullable(processes.get(token));
    }

    List<TaskProcess> all() {
        return new ArrayList<>(processes.values());
    }

    long running() {
        return processes.values().stream().filter(p -> p.run().isPresent()).count();
    }

    boolean contains(TaskProcess process) {
        return processes.get(process.token()) == process;
    }

    /// Ends a process; it does not count any more.
    void retire(TaskProcess process) {
        processes.remove(process.token());
        ending.add(process);
        if (process.run().isPresent() || process.stage() == TaskProcess.Stage.STARTING) {
            wantsSpare |= process.run().isPresent();
            process.kill();
        } else {
            process.hangUp();
        }
    }

    /// Processes that have been told to end and have not ended yet.
    List<TaskProcess> ending() {
        return List.copyOf(ending);
    }

    void ended(TaskProcess process) {
        ending.remove(process);
    }

    void started(TaskProcess process) {
        failures.remove(process.python());
    }

    /// A process ended before it was ready. True when this has settled that the interpreter cannot be used.
    boolean startFailed(TaskProcess process, int status) {
        processes.remove(process.token());
        int count = failures.merge(process.python(), 1, Integer::sum);
        if (status != TaskProcess.HOPELESS && count < TRIES) {
            return false;
        }
        String words = process.lastWords().text();
        int ours = words.lastIndexOf(OUR_WORDS);
        String why = ours >= 0
                ? words.substring(ours + OUR_WORDS.length())
                : Deaths.describe(status) + (words.isEmpty() ? "" : ":\n" + words);
        return giveUp(process.python(), why);
    }

    private boolean giveUp(String python, String why) {
        return hopeless.putIfAbsent(python, "Cannot start task processes with Python '" + python + "': " + why) == null;
    }

    private Optional<TaskProcess> start(String python) {
        if (hopeless.containsKey(python)) {
            return Optional.empty();
        }
        byte[] token = new byte[16];
        RANDOM.nextBytes(token);
        try {
            TaskProcess process =
                    new TaskProcess(config, python, HexFormat.of().formatHex(token), socket, valuePrefix, owner);
            processes.put(process.token(), process);
            return Optional.of(process);
        } catch (IOException e) {
            String text = String.valueOf(e.getMessage());
            // "Cannot run program "x" (in directory "y"): Exec failed, error: 2 (No such file or directory)"
            String reason = text.substring(Math.max(0, text.lastIndexOf("error")));
            giveUp(python, NO_SUCH_FILE.matcher(reason).find() ? "there is no such program" : reason);
            return Optional.empty();
        }
    }
}
