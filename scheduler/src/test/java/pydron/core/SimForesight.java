package pydron.core;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// What a simulated driver has computed before its turn: calls that it is about to make, and calls that it never will.
final class SimForesight {
    private final SimProgram program;
    private final SimVariables variables;
    private final RandomGenerator random;
    private final Consumer<Event> send;

    SimForesight(SimProgram program, SimVariables variables, RandomGenerator random, Consumer<Event> send) {
        this.program = program;
        this.variables = variables;
        this.random = random;
        this.send = send;
    }

    /// Foresees one call, or gives one up.
    void lookAhead(List<SimProgram.Op> coming, int root) {
        List<SimProgram.Call> calls = new ArrayList<>(program.phantoms);
        for (SimProgram.Op op : coming) {
            if (op instanceof SimProgram.Call c && c.deps().isEmpty() && !c.quiet()) {
                calls.add(c);
            }
        }
        if (calls.isEmpty()) {
            return;
        }
        SimProgram.Call call = calls.get(random.nextInt(calls.size()));
        if (variables.isForeseen(call.out())) {
            if (random.nextInt(3) == 0) {
                variables.drop(call.out());
            }
            return;
        }
        int number = variables.foresee(call.out());
        byte[][] args = {SimVariables.pickle(call.out())};
        send.accept(new Event.TasksSubmitted(
                variables.job(),
                root,
                number,
                Event.TasksSubmitted.Place.AHEAD,
                new int[] {call.out() % SimDriver.FUNCTIONS},
                new int[1],
                new int[0],
                args));
    }
}
