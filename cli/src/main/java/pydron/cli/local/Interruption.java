package pydron.cli.local;

import sun.misc.Signal;

/// The signals by which a user or the system ends a program. Each handler runs on a thread of its own.
public enum Interruption {
    /// A closed terminal.
    HUP(1),
    /// Ctrl-C.
    INT(2),
    TERM(15);

    private final int number;

    Interruption(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /// Who hears of interruptions.
    public interface Listener {
        void interrupted(Interruption interruption);
    }

    /// Takes over from the JVM, which would end itself at once. A signal that was ignored when this process started
    /// (`nohup`) stays ignored.
    public static void listen(Listener listener) {
        for (Interruption interruption : values()) {
            Signal.handle(new Signal(interruption.name()), _ -> listener.interrupted(interruption));
        }
    }
}
