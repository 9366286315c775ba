package pydron.service;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import pydron.core.Effect;
import pydron.core.Event;
import pydron.core.Facts;
import pydron.core.Outcome;
import pydron.proto.Assign;
import pydron.proto.Drain;
import pydron.proto.Environment;
import pydron.proto.Function;
import pydron.proto.HeldValue;
import pydron.proto.Hello;
import pydron.proto.Job;
import pydron.proto.Lease;
import pydron.proto.Lost;
import pydron.proto.Result;
import pydron.proto.Results;
import pydron.proto.SchedulerMessage;
import pydron.proto.TakeBack;
import pydron.proto.Task;
import pydron.proto.Value;

/// The worker protocol (`worker.proto`): messages to events, effects to messages.
final class WorkerMessages {
    private WorkerMessages() {}

    static Event joined(int session, Hello hello) {
        long[] running = new long[hello.getRunningCount()];
        for (int i = 0; i < running.length; i++) {
            running[i] = hello.getRunning(i);
        }
        List<Facts.Held> held = new ArrayList<>(hello.getHeldCount());
        for (HeldValue v : hello.getHeldList()) {
            held.add(new Facts.Held(v.getValue(), v.getSize(), v.getPath()));
        }
        Facts.Worker facts = new Facts.Worker(
                hello.getWorkerId(),
                hello.getHost(),
                hello.getPythonVersion(),
                hello.getSlots(),
                0,
                0,
                hello.getSharesMemory());
        return new Event.WorkerJoined(session, facts, running, held, hello.getCredit());
    }

    static Event results(int session, Results results) {
        List<Outcome.Report> reports = new ArrayList<>(results.getResultsCount());
        for (Result r : results.getResultsList()) {
            reports.add(new Outcome.Report(r.getAttempt(), outcome(r), r.getSeconds()));
        }
        return new Event.ResultsReported(session, reports);
    }

    private static Outcome outcome(Result r) {
        return switch (r.getOutcomeCase()) {
            case INLINE -> new Outcome.Returned(r.getInline().toByteArray());
            case STORED ->
                new Outcome.Stored(r.getStored().getSize(), r.getStored().getPath());
            case RAISED -> new Outcome.Raised(r.getRaised().toByteArray());
            case LOST ->
                new Outcome.Lost(reason(r.getLost().getReason()), r.getLost().getDetail());
            case OUTCOME_NOT_SET -> new Outcome.Lost(Outcome.Reason.UNKNOWN, "the worker reported no outcome");
        };
    }

    private static Outcome.Reason reason(Lost.Reason reason) {
        return switch (reason) {
            case UNKNOWN, UNRECOGNIZED -> Outcome.Reason.UNKNOWN;
            case PROCESS_DIED -> Outcome.Reason.PROCESS_DIED;
            case TIMEOUT -> Outcome.Reason.TIMEOUT;
            case MEMORY -> Outcome.Reason.MEMORY;
            case CANCELLED -> Outcome.Reason.CANCELLED;
            case STORE_FULL -> Outcome.Reason.STORE_FULL;
            case UNPICKLABLE_RESULT -> Outcome.Reason.UNPICKLABLE_RESULT;
            case UNPICKLABLE_ARGUMENT -> Outcome.Reason.UNPICKLABLE_ARGUMENT;
            case ENVIRONMENT -> Outcome.Reason.ENVIRONMENT;
            case GIVEN_BACK -> Outcome.Reason.GIVEN_BACK;
        };
    }

    /// @param modules where the worker does not see the drivers' files
    static SchedulerMessage assign(Effect.Assign e, Optional<UserModules> modules) {
        Assign.Builder out = Assign.newBuilder();
        for (Effect.JobMention j : e.jobs()) {
            Job.Builder job = Job.newBuilder()
                    .setJob(j.job())
                    .setCwd(j.driver().cwd())
                    .addAllSysPath(j.driver().sysPath())
                    .setPython(j.driver().executable())
                    .setMainPath(j.driver().mainPath());
            modules.ifPresent(it -> job.setRemote(true).addAllOwnModules(it.namesFor(j.job(), j.driver())));
            Facts.Environment environment = j.driver().environment();
            if (modules.isPresent() && !environment.equals(Facts.Environment.NONE)) {
                job.setEnvironment(Environment.newBuilder()
                        .setRequirements(environment.requirements())
                        .setConstraints(environment.constraints()));
            }
            out.addJobs(job);
        }
        for (Effect.FunctionMention f : e.functions()) {
            out.addFunctions(Function.newBuilder()
                    .setFunction(f.function())
                    .setName(f.facts().name())
                    .setPickle(bytes(f.facts().pickle()))
                    .setTimeoutS(f.facts().timeoutSeconds())
                    .setMemoryBytes(f.facts().needs().memoryBytes()));
        }
        for (Effect.ValueMention v : e.values()) {
            out.addValues(value(v));
        }
        for (Effect.TaskMention t : e.tasks()) {
            Task.Builder task = Task.newBuilder()
                    .setAttempt(t.attempt())
                    .setTask(t.task())
                    .setFunction(t.function())
                    .setArgs(bytes(t.args()));
            for (long d : t.deps()) {
                task.addDeps(d);
            }
            out.addTasks(task);
        }
        return SchedulerMessage.newBuilder().setAssign(out).build();
    }

    static SchedulerMessage takeBack(Effect.TakeBack e) {
        TakeBack.Builder attempts = TakeBack.newBuilder();
        for (long attempt : e.attempts()) {
            attempts.addAttempts(attempt);
        }
        return SchedulerMessage.newBuilder().setTakeBack(attempts).build();
    }

    static SchedulerMessage drain(Effect.Drain e) {
        Drain drain = Drain.newBuilder().setLeftMs(clamped(e.left().toMillis())).build();
        return SchedulerMessage.newBuilder().setDrain(drain).build();
    }

    static SchedulerMessage lease(Effect.RenewLease e) {
        Lease lease = Lease.newBuilder().setLeftS(clamped(e.left().toSeconds())).build();
        return SchedulerMessage.newBuilder().setLease(lease).build();
    }

    private static int clamped(long number) {
        return (int) Math.clamp(number, 0, Integer.MAX_VALUE);
    }

    private static Value value(Effect.ValueMention v) {
        Value.Builder value = Value.newBuilder().setValue(v.value());
        switch (v.where()) {
            case Effect.Where.Inline i -> value.setInline(bytes(i.pickle()));
            case Effect.Where.OnThisMachine p -> value.setPath(p.path());
            case Effect.Where.Fetch f -> value.setFetchSize(f.size());
        }
        for (long d : v.deps()) {
            value.addDeps(d);
        }
        return value.build();
    }

    /// The core never changes an array that it has given away.
    private static ByteString bytes(byte[] array) {
        return UnsafeByteOperations.unsafeWrap(array);
    }
}
