package pydron.cli.explain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import pydron.analysis.Place;
import pydron.analysis.ir.Reason;
import pydron.analysis.ir.Rule;
import pydron.cli.explain.Recording.Call;
import pydron.cli.explain.Recording.Span;
import pydron.cli.explain.Recording.Wait;
import pydron.cli.explain.Report.Cost;
import pydron.cli.explain.Report.Finding;

/// Brings together what the plans say and what was measured: a wait belongs to the place of its line that waits for
/// such a thing.
final class Findings {
    /// Statements may go over some lines, and a wait be in the middle.
    private static final int LONGEST_STATEMENT = 12;

    private final List<Place> places;
    private final Map<String, List<String>> sources;
    private final Optional<Recording> recording;
    private final Optional<Profile> profile;

    Findings(
            List<Place> places,
            Map<String, List<String>> sources,
            Optional<Recording> recording,
            Optional<Profile> profile) {
        this.places = places;
        this.sources = sources;
        this.recording = recording;
        this.profile = profile;
    }

    private record Key(Place place, Reason reason, String detail) {}

    List<Finding> all() {
        Map<Key, List<Wait>> measured = new LinkedHashMap<>();
        recording.ifPresent(r -> r.waits()
                .forEach(wait -> key(wait)
                        .ifPresent(key -> measured.computeIfAbsent(key, _ -> new ArrayList<>())
                                .add(wait))));
        List<Finding> found = new ArrayList<>();
        measured.forEach(
                (key, waits) -> found.add(new Finding(key.place, key.reason, key.detail, Optional.of(cost(waits)))));
        for (Place place : places) {
            switch (place.kind()) {
                case TASK, SET_ASIDE, IN_ORDER -> {}
                case WAITS, MAY_WAIT -> {
                    if (found.stream().noneMatch(each -> each.place().equals(place))) {
                        found.add(new Finding(place, place.reason().orElseThrow(), "", Optional.empty()));
                    }
                }
                case AS_IT_IS -> found.add(new Finding(place, place.reason().orElseThrow(), "", costOfCalls(place)));
            }
        }
        recording.ifPresent(r -> r.calls().stream()
                .filter(call -> !call.plainReason().isEmpty() && places.stream().noneMatch(place -> isOf(place, call)))
                .map(Findings::unknown)
                .distinct()
                .forEach(place -> found.add(new Finding(place, place.reason().orElseThrow(), "", costOfCalls(place)))));
        return found;
    }

    private static boolean isOf(Place place, Call call) {
        return place.kind() == Place.Kind.AS_IT_IS
                && place.file().equals(call.file())
                && place.pipeline().equals(call.name());
    }

    /// A pipeline whose source could not be had.
    private static Place unknown(Call call) {
        String what = call.plainReason().replaceFirst("^it ", "");
        return new Place(
                call.name(),
                call.file(),
                call.line(),
                Place.Kind.AS_IT_IS,
                "def " + call.name(),
                Optional.of(new Reason(Rule.NOT_ANALYSABLE, what)),
                false,
                List.of());
    }

    private Optional<Cost> costOfCalls(Place place) {
        List<Span> spans = recording.stream()
                .flatMap(r -> r.calls().stream())
                .filter(call -> isOf(place, call))
                .map(call -> new Span(call.start(), call.end()))
                .toList();
        return spans.isEmpty()
                ? Optional.empty()
                : Optional.of(new Cost(spans.size(), 0, Profile.length(spans), lost(spans), true));
    }

    private long lost(List<Span> spans) {
        return Profile.union(spans).stream()
                .mapToLong(span -> profile.orElseThrow().spare(span.start(), span.end()))
                .sum();
    }

    private Cost cost(List<Wait> waits) {
        List<Span> waited =
                waits.stream().map(wait -> new Span(wait.start(), wait.until())).toList();
        List<Span> ran =
                waits.stream().map(wait -> new Span(wait.until(), wait.end())).toList();
        List<Span> both =
                waits.stream().map(wait -> new Span(wait.start(), wait.end())).toList();
        return new Cost(
                waits.size(),
                Profile.length(waited),
                Profile.length(ran),
                lost(both),
                waits.stream().anyMatch(Wait::front));
    }

    private static boolean fits(Recording.Kind kind, Place place) {
        if (place.reason().isEmpty()) {
            return false;
        }
        Rule rule = place.reason().get().rule();
        boolean waits = place.kind() == Place.Kind.WAITS || place.kind() == Place.Kind.MAY_WAIT;
        return waits
                && switch (kind) {
                    case FOR_VALUE -> rule == Rule.NEEDS_RESULT;
                    case AT_FENCE -> rule == Rule.TRY_END;
                    case IN_ORDER, RUN_HERE -> rule != Rule.NEEDS_RESULT && rule != Rule.TRY_END;
                };
    }

    /// What a wait is told as; nothing for what waited aside without holding anything back.
    private Optional<Key> key(Wait wait) {
        Optional<Place> known = place(wait);
        return switch (wait.kind()) {
            case FOR_VALUE, AT_FENCE ->
                known.map(place -> new Key(place, place.reason().orElseThrow(), ""));
            case IN_ORDER ->
                known.map(place -> new Key(place, place.reason().orElseThrow(), ""))
                        .or(() -> wait.front()
                                ? Optional.of(new Key(made(wait, "this line", Rule.TYPE), Report.type("this line"), ""))
                                : Optional.empty());
            case RUN_HERE -> {
                Rule rule = wait.detail().isEmpty() ? Rule.UNKNOWN_CALL : Rule.CANNOT_PICKLE;
                String called = called(wait);
                yield Optional.of(new Key(made(wait, called, rule), new Reason(rule, called), wait.detail()));
            }
        };
    }

    private Optional<Place> place(Wait wait) {
        if (wait.kind() == Recording.Kind.RUN_HERE) {
            return Optional.empty();
        }
        Optional<Place> exact = places.stream()
                .filter(place ->
                        place.line() == wait.line() && place.file().equals(wait.file()) && fits(wait.kind(), place))
                .findFirst();
        return exact.isPresent() || wait.kind() != Recording.Kind.IN_ORDER
                ? exact
                : places.stream()
                        .filter(place -> place.line() < wait.line()
                                && place.line() >= wait.line() - LONGEST_STATEMENT
                                && place.file().equals(wait.file())
                                && fits(wait.kind(), place))
                        .reduce((_, last) -> last);
    }

    /// The call at the line, in the user's words.
    private String called(Wait wait) {
        return tasksAt(wait).stream()
                .findFirst()
                .map(place -> place.code().replaceFirst("\\(.*", ""))
                .orElse(wait.function());
    }

    private List<Place> tasksAt(Wait wait) {
        return places.stream()
                .filter(place -> place.kind() == Place.Kind.TASK
                        && place.line() == wait.line()
                        && place.file().equals(wait.file()))
                .toList();
    }

    /// A place that only the run could know of.
    private Place made(Wait wait, String subject, Rule rule) {
        List<Place> here = tasksAt(wait);
        List<Place.Held> held = here.stream()
                .map(place -> new Place.Held(place.code(), place.line()))
                .toList();
        return new Place(
                here.isEmpty() ? wait.function() : here.getFirst().pipeline(),
                wait.file(),
                wait.line(),
                Place.Kind.MAY_WAIT,
                Report.text(sources, wait.file(), wait.line()),
                Optional.of(new Reason(rule, subject)),
                !here.isEmpty() && here.getFirst().inLoop(),
                held);
    }
}
