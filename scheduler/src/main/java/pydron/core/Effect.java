package pydron.core;

import java.time.Duration;
import java.util.List;

/// What is to be done outside. Nothing is left to decide.
public sealed interface Effect {
    sealed interface ToDriver extends Effect {
        int job();
    }

    sealed interface ToWorker extends Effect {
        int session();
    }

    record SendValues(int job, List<Delivery> values) implements ToDriver {}

    record Release(int job, int[] tokens) implements ToDriver {}

    record RaiseTask(int job, int marker, int task, byte[] record) implements ToDriver {}

    record RaiseRegion(int job, int marker, int region) implements ToDriver {}

    record ForwardOutput(int job, int task, boolean stderr, byte[] text) implements ToDriver {}

    record Notify(int job, Level level, String text) implements ToDriver {}

    record Rerun(int job, int task, int function, int[] deps, byte[] args, String reason) implements ToDriver {}

    /// `fleet`: what there is to say of the machines; empty: nothing but their number.
    record ShowProgress(int job, int done, int running, int waiting, int slots, int workers, String fleet)
            implements ToDriver {}

    /// The driver broke the protocol in a way that leaves no sound state.
    record DropDriver(int job, String reason) implements ToDriver {}

    record Welcome(int session, long[] forget, long[] free, int jobs) implements ToWorker {}

    /// Also ends the stream.
    record Refuse(int session, String reason, boolean retry) implements ToWorker {}

    record Assign(
            int session,
            List<JobMention> jobs,
            List<FunctionMention> functions,
            List<ValueMention> values,
            List<TaskMention> tasks)
            implements ToWorker {}

    record Cancel(int session, long[] attempts) implements ToWorker {}

    /// Attempts that others have time for: those that have not begun are to be reported as given back.
    record TakeBack(int session, long[] attempts) implements ToWorker {}

    record Free(int session, long[] values, long[] functions, int[] jobs) implements ToWorker {}

    /// The path is empty unless the file can be opened, and so linked, on the scheduler's machine.
    record RequestUpload(int session, long value, String path) implements ToWorker {}

    record Drain(int session, Duration left) implements ToWorker {}

    record RenewLease(int session, Duration left) implements ToWorker {}

    /// Answers to [Event.ValueAsked].
    record ServeFile(long request, long value, String path) implements Effect {}

    record ServePickle(long request, long value, byte[] pickle) implements Effect {}

    record RefuseValue(long request, String reason) implements Effect {}

    /// A value file that the scheduler owns is not needed any more.
    record DeleteFile(String path) implements Effect {}

    enum Level {
        INFORMATION,
        WARNING,
        ERROR
    }

    record Delivery(int value, Payload payload) {}

    sealed interface Payload {
        record Pickle(byte[] bytes) implements Payload {}

        record File(String path) implements Payload {}

        record Failure(byte[] record) implements Payload {}
    }

    record JobMention(int job, Facts.Driver driver) {}

    record FunctionMention(long function, Facts.Function facts) {}

    record ValueMention(long value, Where where, long[] deps) {}

    sealed interface Where {
        record Inline(byte[] pickle) implements Where {}

        record OnThisMachine(String path) implements Where {}

        /// To be fetched from the scheduler, which may itself be waiting for the upload.
        record Fetch(long size) implements Where {}
    }

    record TaskMention(long attempt, long task, long function, byte[] args, long[] deps) {}
}
