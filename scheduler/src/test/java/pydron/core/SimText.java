package pydron.core;

import java.util.Arrays;
import java.util.List;

/// Events and effects as text and as numbers.
final class SimText {
    private SimText() {}

    /// A record with what is in its arrays.
    static String told(Object o) {
        return switch (o) {
            case long[] a -> Arrays.toString(a);
            case int[] a -> Arrays.toString(a);
            case byte[] a -> a.length + " bytes";
            case List<?> list -> list.stream().map(SimText::told).toList().toString();
            case Record r -> {
                StringBuilder text = new StringBuilder(r.getClass().getSimpleName()).append('(');
                for (java.lang.reflect.RecordComponent c : r.getClass().getRecordComponents()) {
                    try {
                        c.getAccessor().setAccessible(true);
                        text.append(c.getName())
                                .append('=')
                                .append(told(c.getAccessor().invoke(r)))
                                .append(' ');
                    } catch (ReflectiveOperationException e) {
                        throw new AssertionError(e);
                    }
                }
                yield text.append(')').toString();
            }
            default -> String.valueOf(o);
        };
    }

    static long hash(Effect effect) {
        return switch (effect) {
            case Effect.SendValues e ->
                3 + e.values().stream().mapToLong(d -> d.value() * 7L).sum();
            case Effect.Release e -> 5 + Arrays.hashCode(e.tokens());
            case Effect.RaiseTask e -> 7 + e.marker() * 31L + e.task();
            case Effect.RaiseRegion e -> 11 + e.marker() * 31L + e.region();
            case Effect.Rerun e -> 13 + e.task() * 31L + Arrays.hashCode(e.deps());
            case Effect.Assign e -> {
                long h = 17 + e.session();
                for (Effect.ValueMention v : e.values()) {
                    h = h * 31 + v.value();
                }
                for (Effect.TaskMention t : e.tasks()) {
                    h = h * 31 + t.attempt() + t.task();
                }
                yield h;
            }
            case Effect.Welcome e -> 19 + Arrays.hashCode(e.forget()) + Arrays.hashCode(e.free());
            case Effect.Cancel e -> 23 + Arrays.hashCode(e.attempts());
            case Effect.TakeBack e -> 31 + Arrays.hashCode(e.attempts());
            case Effect.Free e -> 29 + Arrays.hashCode(e.values());
            case Effect.ForwardOutput e -> e.hashCode();
            case Effect.Notify e -> e.text().hashCode();
            case Effect.ShowProgress e -> e.hashCode();
            case Effect.DropDriver e -> e.hashCode();
            case Effect.Refuse e -> e.hashCode();
            case Effect.RequestUpload e -> e.hashCode();
            case Effect.ServeFile e -> e.hashCode();
            case Effect.ServePickle e -> e.request();
            case Effect.RefuseValue e -> e.hashCode();
            case Effect.DeleteFile e -> e.hashCode();
            case Effect.Drain e -> e.hashCode();
            case Effect.RenewLease e -> e.hashCode();
        };
    }
}
