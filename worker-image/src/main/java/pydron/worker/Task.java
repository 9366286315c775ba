package pydron.worker;

import com.google.protobuf.ByteString;

/// One attempt of one call, as it was assigned.
record Task(long attempt, long value, long function, ByteString args, long[] deps) {
    static Task of(pydron.proto.Task task) {
        long[] deps = new long[task.getDepsCount()];
        for (int i = 0; i < deps.length; i++) {
            deps[i] = task.getDeps(i);
        }
        return new Task(task.getAttempt(), task.getTask(), task.getFunction(), task.getArgs(), deps);
    }

    int job() {
        return jobOf(function);
    }

    static int jobOf(long identity) {
        return (int) (identity >>> 32);
    }
}
