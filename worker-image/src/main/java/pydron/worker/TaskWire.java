package pydron.worker;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pydron.proto.Function;
import pydron.proto.Job;
import pydron.wire.FrameReader;
import pydron.wire.FrameWriter;
import pydron.wire.MalformedFrameException;

/// The frames between worker and task process (`docs/protocols.md`, "Task wire").
final class TaskWire {
    static final int READY = 1;
    static final int MODULE_WANTED = 2;
    static final int RESULTS = 80;
    static final int OUTPUT = 81;
    static final int STARTED = 82;

    private static final int JOB = 64;
    private static final int FUNCTION = 65;
    private static final int VALUE = 66;
    private static final int RUN = 67;
    private static final int DROP = 68;
    private static final int MODULE = 69;

    private static final int INLINE = 0;
    private static final int FILE = 1;

    private TaskWire() {}

    /// A module of the user's that a process wants to import.
    record ModuleWanted(String token, int job, String name) {}

    static ModuleWanted moduleWanted(ByteBuffer payload) {
        FrameReader in = new FrameReader(payload);
        ModuleWanted wanted = new ModuleWanted(in.str(), in.u32(), in.str());
        in.end();
        return wanted;
    }

    static void module(FrameWriter out, Modules.Answer answer) {
        switch (answer) {
            case Modules.Answer.Here(Path folder, String origin) ->
                out.begin(MODULE).u8(1).str(folder.toString()).str(origin);
            case Modules.Answer.NoSuchModule none ->
                out.begin(MODULE).u8(0).str("").str("");
            case Modules.Answer.Failed(String reason) ->
                out.begin(MODULE).u8(2).str(reason).str("");
        }
    }

    record Ready(String token, String version, Map<String, String> packages) {}

    /// How a task ended, in the process's own words.
    enum Status {
        INLINE,
        FILE,
        RAISED,
        UNPICKLABLE,
        UNLOADABLE,
        STORE_FULL,
        /// It was not begun, and will not be.
        GIVEN_BACK
    }

    record Outcome(long attempt, Status status, double seconds, ByteString payload) {}

    record Printed(long attempt, boolean isStderr, byte[] text) {}

    static Ready ready(ByteBuffer payload) {
        FrameReader in = new FrameReader(payload);
        String token = in.str();
        in.u32();
        String version = in.str();
        List<String> names = in.listOfStr();
        List<String> versions = in.listOfStr();
        in.end();
        if (names.size() != versions.size()) {
            throw new MalformedFrameException(names.size() + " packages with " + versions.size() + " versions");
        }
        Map<String, String> packages = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            packages.put(names.get(i), versions.get(i));
        }
        return new Ready(token, version, packages);
    }

    static List<Outcome> results(ByteBuffer payload) {
        FrameReader in = new FrameReader(payload);
        int n = in.count(21);
        long[] attempts = in.u64s(n);
        byte[] statuses = in.raw(n);
        double[] seconds = in.f64s(n);
        int[] lengths = in.u32s(n);
        List<Outcome> outcomes = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            if (statuses[i] < 0 || statuses[i] >= STATUSES.length) {
                throw new MalformedFrameException("status " + statuses[i]);
            }
            ByteString bytes = UnsafeByteOperations.unsafeWrap(in.raw(lengths[i]));
            outcomes.add(new Outcome(attempts[i], STATUSES[statuses[i]], seconds[i], bytes));
        }
        in.end();
        return outcomes;
    }

    private static final Status[] STATUSES = Status.values();

    /// Where a result lies that was written to a file.
    record FileResult(String path, long size) {}

    static FileResult file(ByteString payload) {
        FrameReader in = new FrameReader(payload.asReadOnlyByteBuffer());
        FileResult result = new FileResult(in.str(), in.u64());
        in.end();
        return result;
    }

    static Printed printed(ByteBuffer payload) {
        FrameReader in = new FrameReader(payload);
        Printed printed = new Printed(in.u64(), in.u8() == 2, in.bytes());
        in.end();
        return printed;
    }

    static long started(ByteBuffer payload) {
        FrameReader in = new FrameReader(payload);
        long attempt = in.u64();
        in.end();
        return attempt;
    }

    static void job(FrameWriter out, Job job) {
        out.begin(JOB)
                .u32(job.getJob())
                .str(job.getCwd())
                .listOfStr(job.getSysPathList())
                .str(job.getMainPath())
                .u8(job.getRemote() ? 1 : 0)
                .listOfStr(job.getOwnModulesList());
    }

    static void function(FrameWriter out, Function function) {
        out.begin(FUNCTION)
                .u64(function.getFunction())
                .u8(isLimited(function) ? 1 : 0)
                .str(function.getName())
                .u32(function.getPickle().size())
                .raw(function.getPickle().asReadOnlyByteBuffer());
    }

    static boolean isLimited(Function function) {
        return function.getTimeoutS() > 0 || function.getMemoryBytes() != 0;
    }

    static void value(FrameWriter out, long number, Values.Held value) {
        out.begin(VALUE).u64(number);
        switch (value) {
            case Values.Inline(ByteString pickle, long[] deps) ->
                out.u8(INLINE).listOfU64(deps).u32(pickle.size()).raw(pickle.asReadOnlyByteBuffer());
            case Values.Stored(Path path, long size, long[] deps, boolean ours) ->
                out.u8(FILE).listOfU64(deps).str(path.toString());
            case Values.Arriving arriving ->
                throw new IllegalStateException("a task was started before its value " + number + " was here");
        }
    }

    static void run(FrameWriter out, int job, List<Task> tasks) {
        out.begin(RUN).u32(job).u32(tasks.size());
        tasks.forEach(task -> out.u64(task.attempt()));
        tasks.forEach(task -> out.u64(task.function()));
        tasks.forEach(task -> out.u32(task.deps().length));
        tasks.forEach(task -> out.u32(task.args().size()));
        for (Task task : tasks) {
            for (long dep : task.deps()) {
                out.u64(dep);
            }
        }
        tasks.forEach(task -> out.raw(task.args().asReadOnlyByteBuffer()));
    }

    static void drop(FrameWriter out, long[] values, long[] functions) {
        out.begin(DROP).listOfU64(values).listOfU64(functions);
    }
}
