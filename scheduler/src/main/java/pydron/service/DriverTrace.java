package pydron.service;

import java.util.List;
import pydron.wire.FrameReader;
import pydron.wire.MalformedFrameException;

/// What held a driver up (`docs/protocols.md`, "Trace"). Times are nanoseconds of the driver's clock.
///
/// @param now when it was sent
/// @param leftOut places that were not recorded, because there were too many
public record DriverTrace(
        long now, int leftOut, List<Place> places, List<TaskSite> tasks, List<Span> idle, List<Call> calls) {
    public enum Kind {
        IN_ORDER,
        FOR_VALUE,
        AT_FENCE,
        RUN_HERE
    }

    /// @param front in the strand that is the program itself, not in a part that was set aside
    /// @param until when the wait was over; then code may have run in order until `end`
    public record Place(
            Kind kind,
            boolean front,
            String file,
            int line,
            String function,
            String detail,
            long start,
            long until,
            long end) {}

    /// Where a task was called, and the name of its function.
    public record TaskSite(int task, String file, int line, String function) {}

    public record Span(long start, long end) {}

    /// A call of an outermost pipeline.
    ///
    /// @param plainReason why it ran as it is; empty if it did not
    public record Call(String file, int line, String name, String plainReason, long start, long end) {}

    static DriverTrace read(FrameReader in) {
        long now = in.u64();
        int leftOut = in.u32();
        List<String> texts = in.listOfStr();
        List<Place> places = in.list(42, item -> {
            int kind = item.u8();
            if (kind >= Kind.values().length) {
                throw new MalformedFrameException("no place has kind " + kind);
            }
            boolean front = item.u8() != 0;
            String file = text(texts, item);
            int line = item.u32();
            String function = text(texts, item);
            String detail = text(texts, item);
            return new Place(
                    Kind.values()[kind], front, file, line, function, detail, item.u64(), item.u64(), item.u64());
        });
        List<TaskSite> tasks =
                in.list(16, item -> new TaskSite(item.u32(), text(texts, item), item.u32(), text(texts, item)));
        List<Span> idle = in.list(16, item -> new Span(item.u64(), item.u64()));
        List<Call> calls = in.list(
                32,
                item -> new Call(
                        text(texts, item), item.u32(), text(texts, item), text(texts, item), item.u64(), item.u64()));
        in.end();
        return new DriverTrace(now, leftOut, places, tasks, idle, calls);
    }

    private static String text(List<String> texts, FrameReader in) {
        int index = in.u32();
        if (index < 0 || index >= texts.size()) {
            throw new MalformedFrameException("there is no text " + Integer.toUnsignedString(index));
        }
        return texts.get(index);
    }
}
