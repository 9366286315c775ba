package pydron.analysis;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Unit;
import pydron.analysis.ast.Unit.Binding;
import pydron.analysis.ir.Op;
import pydron.analysis.ir.Reason;
import pydron.analysis.ir.Rule;

/// The analysis: a unit of pipelines in, a template for each out. Pure, and deterministic for the same unit.
public final class PipelineAnalysis {
    private static final Logger log = LoggerFactory.getLogger(PipelineAnalysis.class);

    private static final Reason TOO_DEEP = new Reason(Rule.NOT_ANALYSABLE, "is nested too deeply");

    private PipelineAnalysis() {}

    /// The wire form of {@link #analyse(Unit)}. For bytes that are not a unit, the one pipeline that the driver asks
    /// for runs
    /// as it is.
    public static byte[] analyse(byte[] unit) {
        var forms = new ArrayList<Object>();
        readable(unit).forEach(template -> forms.add(TemplateWriter.form(template)));
        return TemplateWriter.encode(forms);
    }

    private static List<Template> readable(byte[] bytes) {
        Unit unit;
        try {
            unit = Unit.read(bytes);
        } catch (StackOverflowError e) {
            return List.of(new Template.Plain("", TOO_DEEP));
        } catch (RuntimeException e) {
            log.error("A unit cannot be read, please report this", e);
            return List.of(new Template.Plain("", internalError(e.toString())));
        }
        return analyse(unit);
    }

    /// Templates of the unit's pipelines, in its order.
    public static List<Template> analyse(Unit unit) {
        Catalogue catalogue = catalogue(unit);
        var lowered = new ArrayList<Lowered>();
        for (Unit.Function function : unit.functions()) {
            lowered.add(lowerOrRefuse(function, catalogue));
        }
        // A pipeline blocks if something in it does, or a pipeline it calls does: grown from "none does". In the same
        // way
        // a function without decorators is taken to do nothing but compute a value, until something else is found.
        var opaque = new ArrayList<Boolean>();
        lowered.forEach(each -> opaque.add(each instanceof Lowered.Refused));
        var plain = plainlyCalled(unit);
        var helpers = new ArrayList<Helper>();
        lowered.forEach(each -> helpers.add(each instanceof Lowered.Refused ? REFUSED : Helper.INNOCENT));
        for (boolean changed = true; changed; ) {
            changed = false;
            for (int i : plain) {
                Helper summary = lowered.get(i) instanceof Lowered.Ready ready ? summary(ready, helpers) : REFUSED;
                changed |= !summary.equals(helpers.set(i, summary));
            }
        }
        var templates = new ArrayList<Template>();
        for (boolean changed = true; changed; ) {
            changed = false;
            templates.clear();
            for (int i = 0; i < lowered.size(); i++) {
                Template template = checked(lowered.get(i), opaque, helpers);
                templates.add(template);
                boolean blocks = !(template instanceof Template.Parallel parallel) || parallel.blocks();
                if (blocks && !opaque.get(i)) {
                    opaque.set(i, true);
                    changed = true;
                }
            }
        }
        return templates;
    }

    /// A project's file that is wrong was checked by the driver already: what arrives here is right, or a bug of ours.
    private static Catalogue catalogue(Unit unit) {
        try {
            return Catalogue.with(unit.catalogues());
        } catch (CatalogueReader.Malformed e) {
            log.error("A catalogue that the driver took is not one, please report this: {}", e.getMessage());
            return Catalogue.STANDARD;
        }
    }

    private static final Helper REFUSED = Helper.impure(new Reason(Rule.NOT_ANALYSABLE, "cannot be analysed"));

    /// The functions of a unit that are called as they are.
    private static Set<Integer> plainlyCalled(Unit unit) {
        var found = new TreeSet<Integer>();
        for (Unit.Function function : unit.functions()) {
            for (Binding binding : function.bindings().values()) {
                if (binding instanceof Binding.Plain(int index)) {
                    found.add(index);
                }
            }
        }
        return found;
    }

    private static Helper summary(Lowered.Ready ready, List<Helper> helpers) {
        try {
            var flow = new Flow(
                    ready.names(),
                    ready.lower().substitutions(),
                    ready.liveness(),
                    Collections.nCopies(helpers.size(), true),
                    helpers,
                    new TreeSet<>(),
                    false);
            return flow.summary(ready.body());
        } catch (RuntimeException | StackOverflowError e) {
            log.error(
                    "The analysis of '{}' failed, please report this",
                    ready.function().name(),
                    e);
            return REFUSED;
        }
    }

    private static Template checked(Lowered lowered, List<Boolean> opaque, List<Helper> helpers) {
        return switch (lowered) {
            case Lowered.Refused refused ->
                new Template.Plain(refused.function().name(), refused.reason());
            case Lowered.Ready ready -> checked(ready, opaque, helpers);
        };
    }

    /// A bug of ours costs the user the parallelism of one pipeline, not the program, and never the right answer.
    private static Template checked(Lowered.Ready ready, List<Boolean> opaque, List<Helper> helpers) {
        String name = ready.function().name();
        try {
            Template.Parallel template = plan(ready, opaque, helpers);
            var problems = TemplateVerifier.problems(template, ready.function(), ready.names(), opaque.size());
            if (problems.isEmpty()) {
                return template;
            }
            log.error("The plan of '{}' is wrong, please report this: {}", name, problems);
            return new Template.Plain(name, internalError(problems.getFirst()));
        } catch (StackOverflowError e) {
            return new Template.Plain(name, TOO_DEEP);
        } catch (RuntimeException e) {
            log.error("The analysis of '{}' failed, please report this", name, e);
            return new Template.Plain(name, internalError(e.toString()));
        }
    }

    private static Lowered lowerOrRefuse(Unit.Function function, Catalogue catalogue) {
        try {
            return lower(function, catalogue);
        } catch (StackOverflowError e) {
            return new Lowered.Refused(function, TOO_DEEP);
        } catch (RuntimeException e) {
            log.error("Lowering '{}' failed, please report this", function.name(), e);
            return new Lowered.Refused(function, internalError(e.toString()));
        }
    }

    private static Reason internalError(String what) {
        return new Reason(Rule.INTERNAL_ERROR, what);
    }

    /// A pipeline before its plan.
    private sealed interface Lowered {
        Unit.Function function();

        record Refused(Unit.Function function, Reason reason) implements Lowered {}

        record Ready(Unit.Function function, Names names, Lower lower, List<Op> body, Liveness liveness)
                implements Lowered {}
    }

    /// The scopes of a function as the analysis sees them.
    static Names names(Unit.Function function) {
        var names = new Names(function, Catalogue.STANDARD);
        captureLambdas(function, names);
        return names;
    }

    private static Lowered lower(Unit.Function function, Catalogue catalogue) {
        var names = new Names(function, catalogue);
        Optional<Reason> refused = names.unsupported();
        if (refused.isEmpty()) {
            refused = Size.refusal(function.definition());
        }
        if (function.definition().isAsync()) {
            refused = Optional.of(new Reason(Rule.COROUTINE, ""));
        }
        if (refused.isPresent()) {
            return new Lowered.Refused(function, refused.get());
        }
        captureLambdas(function, names);
        var lower = new Lower(names);
        var body = lower.block(function.definition().body());
        return new Lowered.Ready(function, names, lower, body, liveness(names, lower, body));
    }

    /// Lambdas and generator expressions share their variables with the function, unless a call uses them up at once.
    private static void captureLambdas(Unit.Function function, Names names) {
        Set<Integer> used = new LinkedHashSet<>();
        Walk.statements(function.definition().body(), _ -> {}, expr -> {
            if (expr instanceof Expr.Call call && usesUp(call, names)) {
                call.args().forEach(arg -> used.add(arg.id()));
                call.keywords().forEach(keyword -> used.add(keyword.value().id()));
            }
        });
        Walk.statements(function.definition().body(), _ -> {}, expr -> {
            if (expr instanceof Expr.Lambda lambda && !used.contains(lambda.id())) {
                names.capture(lambda);
            }
            if (expr instanceof Expr.Comprehension c && c.kind().equals("GeneratorExp") && !used.contains(c.id())) {
                names.capture(c);
            }
        });
    }

    private static boolean usesUp(Expr.Call call, Names names) {
        Optional<Binding> binding = names.binding(call.callee());
        if (binding.isEmpty()) {
            return call.callee() instanceof Expr.Attribute method
                    && (method.attr().equals("join") || method.attr().equals("sort"));
        }
        if (binding.get().equals(new Binding.Library("builtins.next"))
                && call.args().size() == 2) {
            return true; // A generator that is only an argument is gone after the call.
        }
        return binding.get() instanceof Binding.Library library
                && names.entry(call.callee())
                        .filter(entry -> (entry.isPure() || entry.effect() == Catalogue.Effect.OUTPUT)
                                && entry.result() != Catalogue.Result.ITERATOR
                                && entry.result() != Catalogue.Result.TUPLES
                                && !library.canonical().startsWith("functools.")
                                && !library.canonical().startsWith("itertools."))
                        .isPresent();
    }

    private static Liveness liveness(Names names, Lower lower, List<Op> body) {
        var reads = new Steps(names, new Evaluator(names, lower.substitutions()));
        var liveness = new Liveness(reads::reads, reads::reads);
        liveness.analyse(body);
        return liveness;
    }

    private static Template.Parallel plan(Lowered.Ready lowered, List<Boolean> opaque, List<Helper> helpers) {
        String name = lowered.function().name();
        Set<Integer> everMutated = new TreeSet<>();
        boolean iteratesOutside = false;
        while (true) {
            var flow = new Flow(
                    lowered.names(),
                    lowered.lower().substitutions(),
                    lowered.liveness(),
                    opaque,
                    helpers,
                    new TreeSet<>(everMutated),
                    iteratesOutside);
            Flow.Result result = flow.plan(lowered.body());
            boolean learnt = result.iteratesOutside() && !iteratesOutside;
            iteratesOutside |= learnt;
            if (everMutated.addAll(result.mutated()) || learnt) {
                continue;
            }
            var template = new Template.Parallel(
                    name, result.blocks(), lowered.lower().substitutions(), result.unbound(), result.body(), List.of());
            return Lookahead.added(template, lowered.function(), lowered.names(), opaque.size());
        }
    }
}
