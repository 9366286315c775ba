package pydron.worker;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Kills what a task process has left behind. Java knows processes, but not groups of them.
final class ProcessGroup {
    private static final int SIGKILL = 9;

    private ProcessGroup() {}

    /// Looked up on first use: most workers never need it, and it takes as long as starting a Python.
    private static final class Native {
        static final MethodHandle KILL = find();

        @SuppressWarnings("restricted") // kill(2) with two ints cannot corrupt this process
        private static MethodHandle find() {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("kill"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        }
    }

    /// Kills every process of the group that `leader` founded; that there is none is fine.
    static void kill(long leader) {
        try {
            int ignored = (int) Native.KILL.invokeExact(Math.toIntExact(-leader), SIGKILL);
        } catch (Throwable e) {
            killByCommand(leader);
        }
    }

    private static void killByCommand(long leader) {
        try {
            new ProcessBuilder("kill", "-9", "--", "-" + leader)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            // No such command: what is left of the group ends when it will.
        }
    }
}
