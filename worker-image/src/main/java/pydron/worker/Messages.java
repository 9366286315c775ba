package pydron.worker;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.List;
import pydron.proto.Credit;
import pydron.proto.Goodbye;
import pydron.proto.Lost;
import pydron.proto.Output;
import pydron.proto.Recalled;
import pydron.proto.Result;
import pydron.proto.Results;
import pydron.proto.ValueLost;
import pydron.proto.WorkerMessage;

/// The worker's messages, in the form in which they are sent.
final class Messages {
    private Messages() {}

    static WorkerMessage results(List<Result> results) {
        return WorkerMessage.newBuilder()
                .setResults(Results.newBuilder().addAllResults(results))
                .build();
    }

    static Result lost(long attempt, Lost.Reason reason, String detail) {
        return Result.newBuilder()
                .setAttempt(attempt)
                .setLost(Lost.newBuilder().setReason(reason).setDetail(detail))
                .build();
    }

    static Result lost(Result.Builder result, Lost.Reason reason, TaskWire.Outcome outcome) {
        return result.setLost(Lost.newBuilder()
                        .setReason(reason)
                        .setDetail(outcome.payload().toStringUtf8()))
                .build();
    }

    static WorkerMessage credit(int batches) {
        return WorkerMessage.newBuilder()
                .setCredit(Credit.newBuilder().setBatches(batches))
                .build();
    }

    static WorkerMessage output(long attempt, boolean isStderr, ByteString text) {
        return WorkerMessage.newBuilder()
                .setOutput(Output.newBuilder()
                        .setAttempt(attempt)
                        .setIsStderr(isStderr)
                        .setText(text))
                .build();
    }

    static WorkerMessage valueLost(long value, String reason) {
        return WorkerMessage.newBuilder()
                .setValueLost(ValueLost.newBuilder().setValue(value).setReason(reason))
                .build();
    }

    static WorkerMessage recalled(Duration left) {
        return WorkerMessage.newBuilder()
                .setRecalled(Recalled.newBuilder().setLeftMs((int) Math.clamp(left.toMillis(), 0, Integer.MAX_VALUE)))
                .build();
    }

    static WorkerMessage goodbye(String reason) {
        return WorkerMessage.newBuilder()
                .setGoodbye(Goodbye.newBuilder().setReason(reason))
                .build();
    }
}
