package pydron.cli.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import pydron.analysis.CodePrinter;
import pydron.analysis.Template;
import pydron.analysis.ast.Expr;
import pydron.analysis.ast.Stmt;
import pydron.analysis.ast.Unit;
import pydron.analysis.ir.Op;
import pydron.analysis.ir.Planned;
import pydron.analysis.ir.Step;
import pydron.cli.graph.Graph;
import pydron.cli.graph.Graph.Cluster;
import pydron.cli.graph.Graph.Edge;
import pydron.cli.graph.Graph.Flow;
import pydron.cli.graph.Graph.Kind;
import pydron.cli.graph.Graph.Node;

/// Draws templates as the reader of the script thinks of them: one box for each call and for each statement of theirs,
/// a frame for each loop and branch, and an arrow wherever a value goes. It shows the program before it runs: what a
/// loop unrolls to is not known yet.
public final class PipelineGraph {
    private static final int LONGEST_LABEL = 44;

    /// So many arrows with the same value from the same box are a picture of arrows. The boxes name what they read.
    private static final int MOST_READERS = 10;

    private final List<Node> nodes = new ArrayList<>();
    private final Set<Edge> edges = new LinkedHashSet<>();
    private final List<Cluster> clusters = new ArrayList<>();

    private Map<Integer, String> substitutions = Map.of();
    private final CodePrinter source = new CodePrinter(Map.of());

    /// Variable to the nodes that may have given it its present value.
    private Map<String, Set<String>> definers = new LinkedHashMap<>();

    /// In the loops around the present place, innermost last: who has read what from outside the present iteration.
    private final List<Map<String, Set<String>>> carried = new ArrayList<>();

    private PipelineGraph() {}

    /// One frame for each pipeline of the unit.
    public static Graph of(Unit unit, List<Template> templates, String title) {
        PipelineGraph graph = new PipelineGraph();
        for (int i = 0; i < templates.size(); i++) {
            graph.pipeline(unit.functions().get(i), templates.get(i), templates.size() > 1);
        }
        graph.thin();
        return new Graph(title, graph.nodes, graph.arrows(), graph.clusters);
    }

    /// Says in words where a value goes that goes nearly everywhere.
    private void thin() {
        record Source(String from, String label) {}
        Map<Source, List<Edge>> fans = new LinkedHashMap<>();
        for (Edge edge : edges) {
            if (edge.flow() == Flow.VALUE && !edge.label().isEmpty()) {
                fans.computeIfAbsent(new Source(edge.from(), edge.label()), _ -> new ArrayList<>())
                        .add(edge);
            }
        }
        fans.forEach((source, fan) -> {
            if (fan.size() > MOST_READERS) {
                fan.forEach(edges::remove);
                nodes.replaceAll(
                        node -> node.id().equals(source.from()) ? noting(node, source.label(), fan.size()) : node);
            }
        });
    }

    private static Node noting(Node node, String value, int readers) {
        List<String> label = new ArrayList<>(node.label());
        label.add(shortened(value + ": to " + readers + " boxes"));
        return new Node(node.id(), label, node.kind(), node.parent());
    }

    /// One arrow for all that goes from one box to another.
    private List<Edge> arrows() {
        record Way(String from, String to, Flow flow) {}
        Map<Way, Set<String>> labels = new LinkedHashMap<>();
        for (Edge edge : edges) {
            Set<String> all =
                    labels.computeIfAbsent(new Way(edge.from(), edge.to(), edge.flow()), _ -> new LinkedHashSet<>());
            if (!edge.label().isEmpty()) {
                all.add(edge.label());
            }
        }
        List<Edge> arrows = new ArrayList<>();
        labels.forEach((way, all) ->
                arrows.add(new Edge(way.from(), way.to(), shortened(String.join(", ", all)), way.flow())));
        return arrows;
    }

    private void pipeline(Unit.Function function, Template template, boolean framed) {
        Optional<String> frame = framed ? Optional.of(cluster(template.name(), Optional.empty())) : Optional.empty();
        definers = new LinkedHashMap<>();
        List<String> parameters = function.definition().parameters().names();
        switch (template) {
            case Template.Plain plain ->
                node(
                        List.of(
                                plain.name() + " runs as it is",
                                shortened(plain.reason().sentence())),
                        Kind.LOCAL,
                        frame);
            case Template.Parallel parallel -> {
                substitutions = parallel.substitutions();
                String start = node(
                        List.of(shortened(template.name() + "(" + String.join(", ", parameters) + ")")),
                        Kind.TERMINAL,
                        frame);
                parameters.forEach(parameter -> definers.put(parameter, Set.of(start)));
                block(parallel.body(), frame);
            }
        }
    }

    private String node(List<String> label, Kind kind, Optional<String> frame) {
        String id = "n" + (nodes.size() + 1);
        nodes.add(new Node(id, label, kind, frame));
        return id;
    }

    private String cluster(String label, Optional<String> frame) {
        String id = "c" + (clusters.size() + 1);
        clusters.add(new Cluster(id, shortened(label), frame));
        return id;
    }

    private static String shortened(String text) {
        String line = text.replaceAll("\\s+", " ").replaceAll("\\$\\d+", "…");
        return line.length() <= LONGEST_LABEL ? line : line.substring(0, LONGEST_LABEL - 1) + "…";
    }

    private String draw(List<String> label, Kind kind, Uses uses, Optional<String> frame) {
        String id = node(label, kind, frame);
        for (String name : uses.reads()) {
            for (String from : definers.getOrDefault(name, Set.of())) {
                edges.add(new Edge(from, id, shown(name), Flow.VALUE));
            }
            for (Map<String, Set<String>> loop : carried) {
                loop.computeIfAbsent(name, _ -> new LinkedHashSet<>()).add(id);
            }
        }
        uses.defines().forEach(name -> define(name, id));
        return id;
    }

    private void define(String name, String id) {
        definers.put(name, Set.of(id));
    }

    /// What the user wrote as the target where the loop's own is a temporary that the first op of the body takes apart.
    private static Optional<Expr> unpacked(Planned.For loop) {
        return loop.target() instanceof Expr.Name(int _, int _, String item)
                        && isTemporary(item)
                        && !loop.body().isEmpty()
                        && loop.body().getFirst() instanceof Planned.Local local
                        && local.step() instanceof Step.Store(Expr target, String name)
                        && name.equals(item)
                ? Optional.of(target)
                : Optional.empty();
    }

    /// A target as people write it: a tuple without its parentheses.
    private String target(Expr target) {
        String text = source.expr(target);
        return target instanceof Expr.Display && text.startsWith("(") ? text.substring(1, text.length() - 1) : text;
    }

    /// Temporaries are ours; their names say nothing.
    private static String shown(String variable) {
        return isTemporary(variable) ? "" : variable;
    }

    private static boolean isTemporary(String variable) {
        return variable.startsWith("$");
    }

    private void block(List<Planned> ops, Optional<String> frame) {
        ops.forEach(op -> op(op, frame));
    }

    private Uses reading(Expr... exprs) {
        return Uses.reading(List.of(exprs), substitutions);
    }

    private void op(Planned planned, Optional<String> frame) {
        switch (planned) {
            case Planned.Local p -> local(p, frame);
            case Planned.Call p -> call(p, frame);
            case Planned.Region p -> op(p.body(), frame);
            case Planned.If p -> branch(p, frame);
            case Planned.For p -> {
                Optional<Expr> unpacked = unpacked(p);
                Expr target = unpacked.orElse(p.target());
                String inner = cluster("for " + target(target) + " in " + source.expr(p.iterable()), frame);
                Uses uses = reading(p.iterable()).assigning(target, substitutions);
                draw(List.of("next " + shortened(target(target))), Kind.CONTROL, uses, Optional.of(inner));
                loop(unpacked.isPresent() ? p.body().subList(1, p.body().size()) : p.body(), inner);
                orelse(p.orelse(), frame);
            }
            case Planned.While p -> {
                String inner = cluster("while " + source.expr(p.test()), frame);
                Map<String, Set<String>> before = new LinkedHashMap<>(definers);
                carried.add(new LinkedHashMap<>());
                block(p.prepare(), Optional.of(inner));
                draw(
                        List.of(shortened(source.expr(p.test())) + " ?"),
                        Kind.CONTROL,
                        reading(p.test()),
                        Optional.of(inner));
                block(p.body(), Optional.of(inner));
                nextRound(before);
                orelse(p.orelse(), frame);
            }
            case Planned.Try p -> {
                String inner = cluster("try", frame);
                Map<String, Set<String>> before = new LinkedHashMap<>(definers);
                block(p.body(), Optional.of(inner));
                Map<String, Set<String>> after = definers;
                for (Planned.Handler handler : p.handlers()) {
                    definers = merged(before, after);
                    String type = handler.type().map(t -> " " + source.expr(t)).orElse("");
                    block(handler.body(), Optional.of(cluster("except" + type, frame)));
                    after = merged(after, definers);
                }
                definers = after;
                orelse(p.orelse(), frame);
            }
            case Planned.Finally p -> {
                block(p.body(), Optional.of(cluster("try", frame)));
                block(p.finalbody(), Optional.of(cluster("finally", frame)));
            }
            case Planned.With p -> {
                String inner = cluster("with", frame);
                Uses uses = reading(p.context());
                p.target().ifPresent(target -> uses.assigning(target, substitutions));
                draw(List.of(shortened("with " + source.expr(p.context()))), Kind.EFFECT, uses, Optional.of(inner));
                block(p.body(), Optional.of(inner));
            }
            case Planned.Return p ->
                draw(
                        List.of(shortened(
                                "return " + p.value().map(source::expr).orElse(""))),
                        Kind.TERMINAL,
                        Uses.reading(p.value().stream().toList(), substitutions),
                        frame);
            case Planned.Break _ -> node(List.of("break"), Kind.CONTROL, frame);
            case Planned.Continue _ -> node(List.of("continue"), Kind.CONTROL, frame);
            case Planned.Look _ -> {}
        }
    }

    private void local(Planned.Local local, Optional<String> frame) {
        Uses uses = Uses.of(local.step(), substitutions);
        if (isInvisible(local, uses)) {
            // Code of ours around a call, as in `output = process(x)`: the boxes of what it reads stand for it.
            Set<String> from = new LinkedHashSet<>();
            uses.reads().forEach(name -> from.addAll(definers.getOrDefault(name, Set.of())));
            uses.defines().forEach(name -> definers.put(name, from));
            return;
        }
        String code = shortened(source.step(local.step()));
        switch (local.mode()) {
            case INLINE, PARK -> draw(List.of(code), Kind.LOCAL, uses, frame);
            case ORDERED -> draw(List.of(code, "in order"), Kind.EFFECT, uses, frame);
            case BLOCK -> {
                String why = local.needs()
                        .reason()
                        .map(reason -> shortened(reason.sentence()))
                        .orElse("waits for everything before");
                draw(List.of(code, why), Kind.EFFECT, uses, frame);
            }
        }
    }

    private boolean isInvisible(Planned.Local local, Uses uses) {
        boolean inOrder = switch (local.mode()) {
            case INLINE, PARK -> false;
            case ORDERED, BLOCK -> true;
        };
        if (inOrder) {
            return false;
        }
        boolean docstring =
                local.step() instanceof Step.Statement(Stmt.ExprStmt s) && s.value() instanceof Expr.Constant;
        boolean ours = !uses.defines().isEmpty() && uses.defines().stream().allMatch(PipelineGraph::isTemporary);
        boolean copy = uses.reads().size() == 1
                && uses.defines().size() == 1
                && isTemporary(uses.reads().iterator().next())
                && !definers.getOrDefault(uses.reads().iterator().next(), Set.of())
                        .isEmpty();
        return docstring || ours || copy;
    }

    private void call(Planned.Call planned, Optional<String> frame) {
        Op.Call call = planned.call();
        List<Expr> exprs = new ArrayList<>(call.args());
        call.keywords().forEach(keyword -> exprs.add(keyword.value()));
        Uses uses = Uses.reading(exprs, substitutions);
        uses.defines().add(call.target());
        String code = shortened(source.expr(call.callee()) + source.arguments(call.args(), call.keywords()));
        switch (call.kind()) {
            case FUNCTIONAL -> draw(List.of(code), Kind.TASK, uses, frame);
            case PIPELINE -> draw(List.of(code, "a pipeline"), Kind.TASK, uses, frame);
        }
    }

    private void branch(Planned.If branch, Optional<String> frame) {
        String test = draw(
                List.of(shortened("if " + source.expr(branch.test()))), Kind.CONTROL, reading(branch.test()), frame);
        Map<String, Set<String>> before = new LinkedHashMap<>(definers);
        side("then", branch.body(), test, frame);
        Map<String, Set<String>> after = definers;
        definers = before;
        side("else", branch.orelse(), test, frame);
        definers = merged(after, definers);
    }

    private void side(String label, List<Planned> ops, String test, Optional<String> frame) {
        if (ops.isEmpty()) {
            return;
        }
        definers = new LinkedHashMap<>(definers);
        String inner = cluster(label, frame);
        int first = nodes.size();
        block(ops, Optional.of(inner));
        if (nodes.size() > first) {
            edges.add(new Edge(test, nodes.get(first).id(), label, Flow.ORDER));
        } else {
            clusters.removeIf(cluster -> cluster.id().equals(inner));
        }
    }

    private void orelse(List<Planned> ops, Optional<String> frame) {
        if (!ops.isEmpty()) {
            Map<String, Set<String>> before = definers;
            definers = new LinkedHashMap<>(before);
            block(ops, Optional.of(cluster("else", frame)));
            definers = merged(before, definers);
        }
    }

    private void loop(List<Planned> body, String frame) {
        Map<String, Set<String>> before = new LinkedHashMap<>(definers);
        carried.add(new LinkedHashMap<>());
        block(body, Optional.of(frame));
        nextRound(before);
    }

    /// Values that one iteration leaves to the next; what the loop leaves behind is theirs or what was there before.
    private void nextRound(Map<String, Set<String>> before) {
        Map<String, Set<String>> after = merged(before, definers);
        carried.removeLast().forEach((name, readers) -> {
            Set<String> last = definers.getOrDefault(name, Set.of());
            Set<String> first = before.getOrDefault(name, Set.of());
            for (String reader : readers) {
                boolean fromOutside = first.stream()
                        .anyMatch(from -> edges.contains(new Edge(from, reader, shown(name), Flow.VALUE)));
                for (String from : last) {
                    if (fromOutside && !first.contains(from)) {
                        edges.add(new Edge(from, reader, ("next " + shown(name)).strip(), Flow.ORDER));
                    }
                }
            }
            if (readers.stream().anyMatch(last::contains)) {
                // Added to in each round: what was there before is in it, and needs no arrow of its own.
                Set<String> own = new LinkedHashSet<>(last);
                own.removeAll(first);
                after.put(name, own);
            }
        });
        definers = after;
    }

    private static Map<String, Set<String>> merged(Map<String, Set<String>> one, Map<String, Set<String>> other) {
        Map<String, Set<String>> both = new LinkedHashMap<>(one);
        other.forEach((name, ids) -> {
            Set<String> all = new LinkedHashSet<>(both.getOrDefault(name, Set.of()));
            all.addAll(ids);
            both.put(name, all);
        });
        return both;
    }
}
