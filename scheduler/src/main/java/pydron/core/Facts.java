package pydron.core;

import java.util.List;
import java.util.Objects;

/// What the outside says about itself, once.
public final class Facts {
    private Facts() {}

    /// What a program's tasks need installed on machines that are not the driver's: text of a pip requirements file,
    /// and
    /// of a constraints file.
    public record Environment(String requirements, String constraints) {
        public static final Environment NONE = new Environment("", "");

        public Environment {
            Objects.requireNonNull(requirements);
            Objects.requireNonNull(constraints);
        }

        /// It may hold passwords of package indexes.
        @Override
        public String toString() {
            return "Environment[" + requirements.length() + " characters]";
        }
    }

    /// A driver: the Python process that runs the user's script.
    public record Driver(
            String python,
            String executable,
            String cwd,
            List<String> sysPath,
            String mainPath,
            Environment environment) {
        public Driver {
            Objects.requireNonNull(python);
            Objects.requireNonNull(executable);
            Objects.requireNonNull(cwd);
            Objects.requireNonNull(mainPath);
            Objects.requireNonNull(environment);
            sysPath = List.copyOf(sysPath);
        }

        /// Nothing has to be installed for it.
        public Driver(String python, String executable, String cwd, List<String> sysPath, String mainPath) {
            this(python, executable, cwd, sysPath, mainPath, Environment.NONE);
        }
    }

    /// What one call of a function asks of a machine. Zero memory or GPUs: nothing asked.
    public record Needs(double cpus, long memoryBytes, int gpus) {
        public static final Needs ONE_SLOT = new Needs(1, 0, 0);

        public Needs {
            if (!(cpus >= 0) || memoryBytes < 0 || gpus < 0) {
                throw new IllegalArgumentException(
                        "needs " + cpus + " cpus, " + memoryBytes + " bytes, " + gpus + " gpus");
            }
        }

        /// Slots that are kept free for it: a task process that computes with two cores takes the room of two.
        int width() {
            return (int) Math.clamp(Math.ceil(cpus), 1, 1 << 20);
        }
    }

    /// A user's function. `retries` below zero: not given.
    public record Function(
            String name, String file, int line, Needs needs, int retries, double timeoutSeconds, byte[] pickle) {
        public Function {
            Objects.requireNonNull(name);
            Objects.requireNonNull(file);
            Objects.requireNonNull(needs);
            Objects.requireNonNull(pickle);
        }
    }

    /// A worker. Zero memory: not known, so not a limit.
    public record Worker(
            String id, String host, String python, int slots, long memoryBytes, int gpus, boolean sharesMemory) {
        public Worker {
            Objects.requireNonNull(id);
            Objects.requireNonNull(host);
            Objects.requireNonNull(python);
        }
    }

    /// A value that a worker says it holds. The path is empty where it shares no memory with the scheduler.
    public record Held(long value, long size, String path) {
        public Held {
            Objects.requireNonNull(path);
        }
    }
}
