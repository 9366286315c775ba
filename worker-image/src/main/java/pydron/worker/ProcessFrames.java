package pydron.worker;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import pydron.wire.Ending;
import pydron.wire.FrameConnection;
import pydron.wire.FrameHandler;
import pydron.wire.MalformedFrameException;

/// One connection of a task process. It says first which process it is; one that only asks for a module says so and
/// nothing else.
final class ProcessFrames implements FrameHandler {
    /// Hears what is said, already taken apart.
    interface Owner {
        /// Throws when there is no such process.
        /// The process that says so; none when the worker has ended meanwhile.
        Optional<TaskProcess> ready(TaskWire.Ready ready, FrameConnection connection);

        void results(TaskProcess process, List<TaskWire.Outcome> outcomes);

        void printed(TaskProcess process, TaskWire.Printed printed);

        void started(TaskProcess process, long attempt);

        void wanted(TaskWire.ModuleWanted wanted, FrameConnection by);

        void hungUp(TaskProcess process);

        void broken(Optional<TaskProcess> process, String reason);

        void bug(RuntimeException cause);
    }

    private final FrameConnection connection;
    private final Owner owner;
    private Optional<TaskProcess> process = Optional.empty();

    ProcessFrames(FrameConnection connection, Owner owner) {
        this.connection = connection;
        this.owner = owner;
    }

    @Override
    public void frame(int type, ByteBuffer payload) {
        switch (type) {
            case TaskWire.READY -> process = owner.ready(TaskWire.ready(payload), connection);
            case TaskWire.RESULTS -> {
                List<TaskWire.Outcome> outcomes = TaskWire.results(payload);
                // What the tasks have printed comes before their results, or nobody would know whose it is.
                known().flushOutput();
                owner.results(known(), outcomes);
            }
            case TaskWire.OUTPUT -> {
                TaskWire.Printed printed = TaskWire.printed(payload);
                if (printed.isStderr()) {
                    known().lastWords().add(printed.text());
                }
                owner.printed(known(), printed);
            }
            case TaskWire.STARTED -> owner.started(known(), TaskWire.started(payload));
            case TaskWire.MODULE_WANTED -> owner.wanted(TaskWire.moduleWanted(payload), connection);
            default -> throw new MalformedFrameException("a frame of unknown type " + type);
        }
    }

    private TaskProcess known() {
        return process.orElseThrow(() -> new MalformedFrameException("a frame before READY"));
    }

    @Override
    public void closed(Ending ending) {
        switch (ending) {
            case Ending.ClosedHere here -> {}
            case Ending.PeerClosed gone -> process.ifPresent(owner::hungUp);
            case Ending.Broken(String reason) -> owner.broken(process, reason);
            case Ending.Bug(RuntimeException cause) -> {
                owner.bug(cause);
                owner.broken(process, cause.toString());
            }
        }
    }
}
