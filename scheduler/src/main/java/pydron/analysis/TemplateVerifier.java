package pydron.analysis;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Stmt;
import pydron.analysis.ast.Unit;
import pydron.analysis.ir.Guard;
import pydron.analysis.ir.Op;
import pydron.analysis.ir.Planned;
import pydron.analysis.ir.Step;

/// Checks a template before it is sent. The analysis decides by abstract interpretation, which is easy to get subtly
/// wrong; this looks at the result alone, the way the driver will execute it: each region is a function of its own,
/// variables have a value, a marker instead, or a pending one.
///
/// It knows less than the analysis (nothing of objects and aliases), so what it finds is certainly wrong, and a
/// template that passes may still be. A template that does not pass is not used: the pipeline then runs as it is.
final class TemplateVerifier {
    private final Template.Parallel template;
    private final Names names;
    private final int pipelines;
    private final Reads reads;
    private final Set<Integer> nodes;
    private final Set<String> problems = new LinkedHashSet<>();
    private final BiConsumer<Planned.Look, VerifierState> looks;
    private VerifierFrame frame;

    /// @param looks told of what is known at each place where the driver looks ahead
    TemplateVerifier(
            Template.Parallel template,
            Unit.Function function,
            Names names,
            int pipelines,
            BiConsumer<Planned.Look, VerifierState> looks) {
        this.looks = looks;
        this.template = template;
        this.names = names;
        this.pipelines = pipelines;
        this.reads = new Reads(template.substitutions(), names);
        this.nodes = Shape.nodes(function.definition());
        this.frame = new VerifierFrame(false, function.definition().parameters().names());
    }

    /// What is wrong with the template of a function; nothing if it may be sent.
    ///
    /// @param pipelines how many there are in the unit
    static List<String> problems(Template.Parallel template, Unit.Function function, Names names, int pipelines) {
        var verifier = new TemplateVerifier(template, function, names, pipelines, (_, _) -> {});
        verifier.verify();
        ReasonVerifier.check(template.body(), verifier::problem);
        return List.copyOf(verifier.problems);
    }

    private void problem(int line, String text) {
        problems.add("line " + line + ": " + text);
    }

    private void node(int line, int node) {
        if (!nodes.contains(node)) {
            problem(line, "node " + node + " is not in the function");
        }
    }

    List<String> verify() {
        template.substitutions().forEach((node, name) -> node(0, node));
        for (String name : template.unbound()) {
            if (names.isShared(name)) {
                problem(0, "'" + name + "' is shared and cannot be marked as having no value");
            }
        }
        var entry = new VerifierState();
        entry.bound.addAll(frame.given);
        frame.given.stream().filter(name -> !names.isShared(name)).forEach(entry.pending::add);
        template.unbound().stream().filter(name -> !frame.given.contains(name)).forEach(entry::mark);
        block(template.body(), entry);
        return List.copyOf(problems);
    }

    private VerifierState block(List<Planned> ops, VerifierState entry) {
        VerifierState now = entry;
        for (Planned op : ops) {
            if (now.dead) {
                problem(op.line(), "nothing can get here");
                return now;
            }
            now = op(op, now);
            for (VerifierState left : frame.attempts) {
                left.join(now);
            }
        }
        return now;
    }

    private VerifierState op(Planned planned, VerifierState now) {
        Code.of(planned)
                .forEach(expr -> Walk.expressions(expr, each -> {
                    if (each.id() >= 0) {
                        node(planned.line(), each.id());
                    }
                }));
        return switch (planned) {
            case Planned.Local p -> local(p, now);
            case Planned.Call p -> call(p, now);
            case Planned.Region p -> region(p, now);
            case Planned.If p -> {
                needs(p, p.needs(), now);
                use(p, p.needs(), reads.strictly(p.test()), now);
                var orelse = now.copy();
                var body = block(p.body(), now);
                yield body.join(block(p.orelse(), orelse));
            }
            case Planned.For p -> loop(p, now);
            case Planned.While p -> loop(p, now);
            case Planned.Try p -> attempt(p, now);
            case Planned.Finally p -> attempt(p, now);
            case Planned.With p -> {
                inPlaceOnly(p, "a context");
                mayBlock(p);
                needs(p, p.needs(), now);
                use(p, p.needs(), reads.strictly(p.context()), now);
                p.target().ifPresent(target -> assign(p.line(), target, false, now));
                var left = now.copy();
                frame.attempts.add(left);
                var body = block(p.body(), now);
                frame.attempts.removeLast();
                yield body.join(left);
            }
            case Planned.Return p -> {
                if (frame.region) {
                    problem(p.line(), "a region cannot return from the pipeline");
                }
                needs(p, p.needs(), now);
                p.value().ifPresent(value -> use(p, p.needs(), reads.loosely(value), now));
                yield VerifierState.dead();
            }
            case Planned.Break p -> leave(p, now, true);
            case Planned.Continue p -> leave(p, now, false);
            case Planned.Look p -> {
                inPlaceOnly(p, "a look ahead");
                take(p.line(), p.ins(), now);
                looks.accept(p, now);
                yield now;
            }
        };
    }

    private VerifierState leave(Planned op, VerifierState now, boolean breaks) {
        if (frame.loops.isEmpty()) {
            problem(op.line(), "there is no loop here to leave");
        } else {
            VerifierFrame.Exits exits = frame.loops.getLast();
            (breaks ? exits.onBreak : exits.onContinue).join(now);
        }
        return VerifierState.dead();
    }

    // ---- needs and uses

    /// Checks what an op needs by itself, then waits for it.
    private void needs(Planned op, Planned.Needs needs, VerifierState now) {
        var mentioned = reads.mentioned(op);
        needs.reads().forEach(read -> {
            read(op.line(), read.name(), now);
            now.pending.remove(read.name());
        });
        needs.nested().forEach(name -> mentioned(op, name, mentioned, "checked"));
        needs.atoms().forEach(name -> mentioned(op, name, mentioned, "checked"));
        checkedOutside(op.line(), needs.atoms());
        for (Guard guard : needs.guards()) {
            if (guard.kind() != Guard.Kind.INSIDE
                    && guard.node() >= 0
                    && !reads.visible(op).contains(guard.node())) {
                problem(op.line(), "node " + guard.node() + " is guarded, but not evaluated here");
            }
        }
    }

    /// What a region may change in place is checked where it begins.
    private void checkedOutside(int line, List<String> atoms) {
        if (frame.region && !frame.atoms.containsAll(atoms)) {
            problem(line, atoms + " may be changed in a region that begins without a check of them");
        }
    }

    private void mentioned(Planned op, String name, Set<String> mentioned, String what) {
        if (!mentioned.contains(name)) {
            problem(op.line(), "'" + name + "' is " + what + ", but not used");
        }
    }

    /// An op evaluates code: whatever it reads must be there, and what it looks at must have its value.
    private void use(Planned op, Planned.Needs needs, Reads.Use use, VerifierState now) {
        for (String name : use.read()) {
            read(op.line(), name, now);
            if (now.marked.contains(name) && !needs.unbound().contains(name)) {
                problem(op.line(), "'" + name + "' may have no value, and nobody checks that");
            }
        }
        for (String name : use.strict()) {
            if (now.pending.contains(name)
                    && needs.reads().stream().noneMatch(r -> r.name().equals(name))) {
                problem(op.line(), "'" + name + "' is looked at and may be pending");
            }
        }
    }

    private void read(int line, String name, VerifierState now) {
        if (now.stale.contains(name)) {
            problem(line, "'" + name + "' has its new value in a region that does not give it back");
        }
        if (now.bound.contains(name) || frame.given.contains(name)) {
            return;
        }
        if (name.startsWith("$")) {
            problem(line, "'" + name + "' is read and may not be defined");
        } else if (frame.region && names.isLocal(name)) {
            problem(line, "'" + name + "' is read in a region that does not take it");
        }
    }

    private void assign(int line, Expr target, boolean pending, VerifierState now) {
        for (String name : reads.bound(target)) {
            assign(line, name, pending, now);
        }
    }

    private void assign(int line, String name, boolean pending, VerifierState now) {
        if (frame.region && names.isLocal(name) && names.isShared(name)) {
            problem(line, "'" + name + "' is shared and assigned in a region");
        }
        now.assign(name, pending);
    }

    // ---- ordinary code

    private VerifierState local(Planned.Local p, VerifierState now) {
        if (p.step() instanceof Step.Statement(Stmt stmt)) {
            node(p.line(), stmt.id());
        }
        var use = reads.of(p.step());
        switch (p.mode()) {
            case INLINE, BLOCK -> {
                if (!p.ins().isEmpty() || !p.outs().isEmpty()) {
                    problem(p.line(), "code that runs in place takes and gives nothing");
                }
                if (p.mode() == Planned.Mode.BLOCK && p.needs().ordered()) {
                    mayBlock(p);
                }
                needs(p, p.needs(), now);
                use(p, p.needs(), use, now);
                run(p, now);
            }
            case PARK, ORDERED -> parked(p, use, now);
        }
        return now;
    }

    /// The code as a function of its own, which gets `ins` and returns `outs`.
    private void parked(Planned.Local p, Reads.Use use, VerifierState now) {
        if (p.mode() == Planned.Mode.PARK && p.needs().reads().isEmpty()) {
            problem(p.line(), "there is nothing to park it for");
        }
        if (!p.needs().atoms().isEmpty()) {
            problem(p.line(), "parked code cannot wait for its turn in the middle");
        }
        if (p.step() instanceof Step.Statement(Stmt stmt) && !Shape.isParkable(stmt)) {
            problem(p.line(), "a " + stmt.getClass().getSimpleName() + " cannot be parked");
        }
        take(p.line(), p.ins(), now);
        p.needs().reads().stream()
                .filter(read -> !p.ins().contains(read.name()))
                .forEach(read -> problem(p.line(), "'" + read.name() + "' is waited for, but not taken"));
        var outer = frame;
        frame = new VerifierFrame(true, p.ins());
        var inner = now.within(p.ins(), Set.of());
        needs(p, p.needs(), inner);
        use(p, p.needs(), use, inner);
        run(p, inner);
        frame = outer;
        give(p.line(), p.ins(), p.outs(), inner, now);
    }

    private void run(Planned.Local p, VerifierState now) {
        boolean maybe = p.step() instanceof Step.Statement(Stmt.Other other) && !other.bindsAll();
        Optional<Leaving> leaving = Leaving.of(p.step());
        VerifierState before = maybe || leaving.isPresent() ? now.copy() : null;
        for (Reads.Binding binding : reads.bindings(p.step(), now.pending)) {
            if (frame.atoms.contains(binding.name()) && !p.needs().atoms().contains(binding.name())) {
                problem(p.line(), "'" + binding.name() + "' is another object than where the region began");
            }
            VerifierState without = binding.perhaps() ? now.copy() : null;
            assign(p.line(), binding.name(), binding.pending(), now);
            if (without != null) {
                now.join(without);
            }
        }
        if (before != null) {
            now.join(before);
        }
        leaving.filter(Leaving::breaks).ifPresent(_ -> leave(p, now, true));
        leaving.filter(Leaving::continues).ifPresent(_ -> leave(p, now, false));
        if (p.step() instanceof Step.Statement(Stmt.Delete delete)) {
            inPlaceOnly(p, "del");
            for (Expr target : delete.targets()) {
                for (String name : reads.bound(target)) {
                    if (template.unbound().contains(name)) {
                        now.mark(name);
                    } else {
                        now.unbind(name);
                    }
                }
            }
        }
        if (p.step() instanceof Step.Statement(Stmt stmt)
                && (stmt instanceof Stmt.FunctionDef
                        || stmt instanceof Stmt.Other
                        || stmt instanceof Stmt.Raise raise && raise.exception().isEmpty())) {
            inPlaceOnly(p, "this statement");
        }
    }

    private void inPlaceOnly(Planned op, String what) {
        if (frame.region) {
            problem(op.line(), what + " has its place in the pipeline itself, not in a region");
        }
    }

    private void mayBlock(Planned op) {
        if (!template.blocks()) {
            problem(op.line(), "it blocks, but the pipeline says it does not");
        }
        if (frame.region) {
            problem(op.line(), "it may do anything and is inside a region");
        }
    }

    // ---- calls and regions

    private VerifierState call(Planned.Call p, VerifierState now) {
        Op.Call call = p.call();
        node(p.line(), call.site());
        switch (call.kind()) {
            case FUNCTIONAL -> {
                if (p.blocks()) {
                    problem(p.line(), "a task does not block");
                }
            }
            case PIPELINE -> {
                if (call.pipeline() >= pipelines) {
                    problem(p.line(), "there is no pipeline " + call.pipeline());
                }
                if (call.pipeline() < 0 && !p.blocks()) {
                    problem(p.line(), "nothing is known about the pipeline: it must block");
                }
            }
        }
        if (p.blocks()) {
            mayBlock(p);
        }
        needs(p, p.needs(), now);
        use(p, p.needs(), reads.of(call, p.blocks()), now);
        if (names.isShared(call.target())) {
            problem(p.line(), "'" + call.target() + "' is shared and would be pending");
        }
        assign(p.line(), call.target(), !p.blocks(), now);
        return now;
    }

    private VerifierState region(Planned.Region p, VerifierState now) {
        if (!Shape.isRegion(p.body())) {
            problem(p.line(), "this cannot be a region");
        }
        take(p.line(), p.ins(), now);
        checkedOutside(p.line(), p.atoms());
        if (!p.ins().containsAll(p.atoms())) {
            problem(p.line(), p.atoms() + " are checked, but not taken");
        }
        var outer = frame;
        frame = new VerifierFrame(true, p.ins(), p.atoms());
        var inner = op(p.body(), now.within(p.ins(), template.unbound()));
        frame = outer;
        if (inner.dead) {
            problem(p.line(), "the region never ends");
        }
        give(p.line(), p.ins(), p.outs(), inner, now);
        return now;
    }

    private void take(int line, List<String> ins, VerifierState now) {
        for (String name : ins) {
            if (!names.isLocal(name)) {
                problem(line, "'" + name + "' is taken and not a variable of the pipeline's own");
            } else if (!now.bound.contains(name)) {
                problem(line, "'" + name + "' is taken and may have no value, not even a marker");
            } else if (now.stale.contains(name)) {
                problem(line, "'" + name + "' is taken, but its new value is in a region that does not give it back");
            }
        }
    }

    /// What a region that ended in the state `inner` leaves behind.
    private void give(int line, List<String> ins, List<String> outs, VerifierState inner, VerifierState now) {
        for (String name : inner.everAssigned) {
            if (!outs.contains(name)) {
                now.stale.add(name);
                now.everAssigned.add(name);
            }
        }
        for (String name : outs) {
            if (names.isShared(name) || !names.isLocal(name)) {
                problem(line, "'" + name + "' is given back, but not a variable of the pipeline's own");
            }
            if (!inner.dead && !ins.contains(name) && !inner.assigned.contains(name)) {
                problem(line, "'" + name + "' is given back and may not be defined");
            }
            boolean marked = inner.marked.contains(name);
            assign(line, name, true, now);
            if (marked) {
                now.marked.add(name);
            }
        }
    }

    // ---- loops

    private VerifierState loop(Planned.For p, VerifierState now) {
        if (p.order() == Planned.Order.ALWAYS) {
            mayBlock(p);
        }
        needs(p, p.needs(), now);
        use(p, p.needs(), reads.strictly(p.iterable()), now);
        VerifierState head = now;
        VerifierState out;
        do {
            now = head.copy();
            var exits = new VerifierFrame.Exits();
            frame.loops.add(exits);
            var turn = now.copy();
            use(p, p.needs(), reads.places(p.target()), turn);
            assign(p.line(), p.target(), false, turn);
            var end = block(p.body(), turn);
            frame.loops.removeLast();
            head = now.copy().join(end).join(exits.onContinue);
            out = exits.onBreak;
        } while (!head.equals(now));
        return block(p.orelse(), head).join(out);
    }

    private VerifierState loop(Planned.While p, VerifierState now) {
        VerifierState head = now;
        VerifierState tested;
        VerifierState out;
        do {
            now = head.copy();
            var exits = new VerifierFrame.Exits();
            frame.loops.add(exits);
            tested = block(p.prepare(), now.copy());
            needs(p, p.needs(), tested);
            use(p, p.needs(), reads.strictly(p.test()), tested);
            var end = block(p.body(), tested.copy());
            frame.loops.removeLast();
            head = now.copy().join(end).join(exits.onContinue);
            out = exits.onBreak;
        } while (!head.equals(now));
        return block(p.orelse(), tested).join(out);
    }

    // ---- exceptions

    private VerifierState attempt(Planned.Try p, VerifierState now) {
        if (p.plain()) {
            Shape.waiting(p.body()).forEach(op -> problem(op.line(), "it may wait inside a plain 'try'"));
        }
        var left = now.copy();
        frame.attempts.add(left);
        var body = block(p.body(), now);
        frame.attempts.removeLast();
        var joined = body.dead && p.orelse().isEmpty() ? body : block(p.orelse(), body);
        for (Planned.Handler handler : p.handlers()) {
            var state = left.copy();
            rollback(p.line(), p.rollback(), state);
            handler.name().ifPresent(name -> assign(handler.line(), name, false, state));
            var end = block(handler.body(), state);
            handler.name().ifPresent(name -> {
                if (template.unbound().contains(name)) {
                    end.mark(name);
                } else {
                    end.unbind(name);
                }
            });
            joined = joined.join(end);
        }
        return joined;
    }

    private VerifierState attempt(Planned.Finally p, VerifierState now) {
        if (p.plain()) {
            Shape.waiting(p.body()).forEach(op -> problem(op.line(), "it may wait inside a plain 'try'"));
        }
        var left = now.copy();
        frame.attempts.add(left);
        var body = block(p.body(), now);
        frame.attempts.removeLast();
        rollback(p.line(), p.rollback(), left);
        block(p.finalbody(), left.join(body));
        return body.dead ? body : block(p.finalbody(), body);
    }

    /// The driver looks at each of these variables before it runs a handler.
    private void rollback(int line, List<String> rollback, VerifierState now) {
        for (String name : rollback) {
            if (names.isShared(name)) {
                problem(line, "'" + name + "' is shared and cannot be rolled back");
            } else if (frame.region
                    ? !now.bound.contains(name) && !frame.given.contains(name)
                    : !now.bound.contains(name)) {
                problem(line, "'" + name + "' is rolled back and may have no value, not even a marker");
            }
        }
    }
}
