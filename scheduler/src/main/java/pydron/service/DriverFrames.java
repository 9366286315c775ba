package pydron.service;

import java.nio.file.Path;
import java.util.List;
import pydron.core.Effect;
import pydron.core.Event;
import pydron.core.Facts;
import pydron.wire.FrameReader;
import pydron.wire.FrameWriter;
import pydron.wire.MalformedFrameException;

/// The driver wire (`docs/protocols.md`): frames to events, effects to frames.
final class DriverFrames {
    static final String PROTOCOL = "pydron-driver-2";

    static final int HELLO = 1;
    static final int ANALYZE = 2;
    static final int NOTE = 18;
    static final int TRACE = 30;

    private static final int WELCOME = 32;
    private static final int TEMPLATE = 33;
    private static final int VALUES = 34;
    private static final int RELEASED = 35;
    private static final int RAISED = 36;
    private static final int OUTPUT = 37;
    private static final int NOTICE = 38;
    private static final int PROGRESS = 39;
    private static final int RERUN = 40;

    private DriverFrames() {}

    record Hello(String protocol, int pid, Facts.Driver driver) {}

    static Hello hello(FrameReader in) {
        String protocol = in.str();
        if (!protocol.equals(PROTOCOL)) {
            return new Hello(protocol, 0, new Facts.Driver("", "", "", List.of(), ""));
        }
        int pid = in.u32();
        String executable = in.str();
        String version = in.str();
        String cwd = in.str();
        List<String> path = in.listOfStr();
        String main = in.str();
        Facts.Environment environment = new Facts.Environment(in.str(), in.str());
        in.end();
        return new Hello(protocol, pid, new Facts.Driver(version, executable, cwd, path, main, environment));
    }

    static Event event(int job, int type, FrameReader in) {
        Event event = switch (type) {
            case 3 -> function(job, in);
            case 4 -> new Event.RunBegun(job, in.u32());
            case 5 -> submit(job, in);
            case 6 -> new Event.RegionForked(job, in.u32(), in.u32());
            case 7 -> new Event.MarkerSet(job, in.u32(), in.u32());
            case 8 -> new Event.RegionClosed(job, in.u32());
            case 9 -> new Event.RegionFailed(job, in.u32());
            case 10 -> new Event.OrderAsked(job, in.u32(), in.u32(), in.u8() != 0);
            case 11 -> new Event.FenceAsked(job, in.u32(), in.u32(), in.u32());
            case 12 -> new Event.ValuesWanted(job, in.listOfU32());
            case 13 -> put(job, in);
            case 14 -> new Event.ValueAliased(job, in.u32(), in.u32());
            case 15 -> new Event.ValuesFreed(job, in.listOfU32());
            case 16 -> new Event.RunEnded(job, in.u32());
            case 17 -> new Event.MarkerDropped(job, in.u32());
            case 19 -> new Event.ValueNeverComes(job, in.u32());
            case 20 -> new Event.TaskRaisedInDriver(job, in.u32(), in.bytes());
            case 22 -> new Event.FileUnreadable(((long) job << 32) | Integer.toUnsignedLong(in.u32()), "");
            case 21 -> new Event.ValueKeptInDriver(job, in.u32());
            case 23 -> new Event.TaskAdopted(job, in.u32(), in.u32());
            default -> throw new MalformedFrameException("no frame has type " + type);
        };
        in.end();
        return event;
    }

    private static Event function(int job, FrameReader in) {
        int number = in.u32();
        String name = in.str();
        String file = in.str();
        int line = in.u32();
        double cpus = in.f64();
        long memory = in.u64();
        int gpus = in.u32();
        int retries = in.u32();
        double timeout = in.f64();
        byte[] pickle = in.bytes();
        if (!(cpus >= 0) || memory < 0 || gpus < 0 || !(timeout >= 0)) {
            throw new MalformedFrameException("function '" + name + "' asks for less than nothing");
        }
        return new Event.FunctionDefined(
                job,
                number,
                new Facts.Function(name, file, line, new Facts.Needs(cpus, memory, gpus), retries, timeout, pickle));
    }

    private static Event submit(int job, FrameReader in) {
        int region = in.u32();
        int first = in.u32();
        int n = in.u32();
        Event.TasksSubmitted.Place place = place(in.u8());
        int[] functions = in.u32s(n);
        int[] depCounts = in.u32s(n);
        int[] lengths = in.u32s(n);
        long deps = 0;
        for (int count : depCounts) {
            if (count < 0) {
                throw new MalformedFrameException("a task with " + Integer.toUnsignedString(count) + " dependencies");
            }
            deps += count;
        }
        if (deps > in.remaining() / 4) {
            throw new MalformedFrameException("dependencies are cut off");
        }
        int[] all = in.u32s((int) deps);
        byte[][] args = new byte[n][];
        for (int i = 0; i < n; i++) {
            args[i] = in.raw(lengths[i]);
        }
        return new Event.TasksSubmitted(job, region, first, place, functions, depCounts, all, args);
    }

    private static Event.TasksSubmitted.Place place(int flags) {
        return switch (flags) {
            case 0 -> Event.TasksSubmitted.Place.HERE;
            case 1 -> Event.TasksSubmitted.Place.QUIET;
            case 2 -> Event.TasksSubmitted.Place.AHEAD;
            default -> throw new MalformedFrameException("tasks with the flags " + flags);
        };
    }

    private static Event put(int job, FrameReader in) {
        int value = in.u32();
        int kind = in.u8();
        int[] deps = in.listOfU32();
        return switch (kind) {
            case 0 -> new Event.InlinePut(job, value, deps, in.bytes());
            case 1 -> new Event.FilePut(job, value, deps, in.str(), in.u64());
            default -> throw new MalformedFrameException("no value has kind " + kind);
        };
    }

    static void welcome(FrameWriter out, SchedulerConfig config, int job, int slots, boolean record) {
        out.begin(WELCOME)
                .str(config.version())
                .u32(job)
                .u32(slots)
                .str(config.valueDirectory().toString())
                .u8((config.showProgress() ? 1 : 0) | (record ? 2 : 0))
                // Who records wants to see all plans.
                .str(record ? "" : config.analyses().map(Path::toString).orElse(""));
    }

    static void template(FrameWriter out, int request, byte[] template) {
        out.begin(TEMPLATE).u32(request).u8(1).raw(template);
    }

    static void noTemplate(FrameWriter out, int request, String why) {
        out.begin(TEMPLATE).u32(request).u8(0).str(why);
    }

    static void notice(FrameWriter out, Effect.Level level, String text) {
        int code = switch (level) {
            case INFORMATION -> 0;
            case WARNING -> 1;
            case ERROR -> 2;
        };
        out.begin(NOTICE).u8(code).str(text);
    }

    /// Writes the frame of an effect.
    static void write(FrameWriter out, Effect.ToDriver effect) {
        switch (effect) {
            case Effect.SendValues e -> values(out, e);
            case Effect.Release e -> out.begin(RELEASED).listOfU32(e.tokens());
            case Effect.RaiseTask e ->
                out.begin(RAISED).u32(e.marker()).u8(0).u32(e.task()).bytes(e.record());
            case Effect.RaiseRegion e ->
                out.begin(RAISED).u32(e.marker()).u8(1).u32(e.region()).bytes(new byte[0]);
            case Effect.ForwardOutput e ->
                out.begin(OUTPUT).u32(e.task()).u8(e.stderr() ? 2 : 1).bytes(e.text());
            case Effect.Notify e -> notice(out, e.level(), e.text());
            case Effect.Rerun e ->
                out.begin(RERUN)
                        .u32(e.task())
                        .u32(e.function())
                        .listOfU32(e.deps())
                        .bytes(e.args())
                        .str(e.reason());
            case Effect.ShowProgress e ->
                out.begin(PROGRESS)
                        .u32(e.done())
                        .u32(e.running())
                        .u32(e.waiting())
                        .u32(e.slots())
                        .u32(e.workers())
                        .str(e.fleet());
            case Effect.DropDriver e -> notice(out, Effect.Level.ERROR, "the scheduler hung up: " + e.reason());
        }
    }

    private static void values(FrameWriter out, Effect.SendValues e) {
        int n = e.values().size();
        byte[][] payloads = new byte[n][];
        out.begin(VALUES).u32(n);
        for (Effect.Delivery d : e.values()) {
            out.u32(d.value());
        }
        for (int i = 0; i < n; i++) {
            switch (e.values().get(i).payload()) {
                case Effect.Payload.Pickle p -> {
                    out.u8(0);
                    payloads[i] = p.bytes();
                }
                case Effect.Payload.File f -> {
                    out.u8(1);
                    payloads[i] = f.path().getBytes(java.nio.charset.StandardCharsets.UTF_8);
                }
                case Effect.Payload.Failure f -> {
                    out.u8(2);
                    payloads[i] = f.record();
                }
            }
        }
        for (byte[] payload : payloads) {
            out.u32(payload.length);
        }
        for (byte[] payload : payloads) {
            out.raw(payload);
        }
    }
}
