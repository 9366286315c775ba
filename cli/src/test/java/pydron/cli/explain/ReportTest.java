package pydron.cli.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import pydron.analysis.Place;
import pydron.analysis.ir.Reason;
import pydron.analysis.ir.Rule;
import pydron.cli.explain.CriticalPath.Kind;
import pydron.cli.explain.Recording.Call;
import pydron.cli.explain.Recording.Span;
import pydron.cli.explain.Recording.Task;
import pydron.cli.explain.Recording.Wait;

class ReportTest {
    private static final long SECOND = 1_000_000_000L;
    private static final String FILE = "/home/user/a <b>.py";

    private static long s(double seconds) {
        return (long) (seconds * SECOND);
    }

    private static Task task(
            int index, String function, int slot, double ready, double start, double end, Integer... needs) {
        return new Task(index, function, FILE, 10 + index, slot, 0, s(ready), s(start), s(end), List.of(needs));
    }

    private static Recording recording(int slots, List<Task> tasks, List<Wait> waits, List<Span> idle, double end) {
        return new Recording(slots, tasks, waits, idle, List.of(new Call(FILE, 1, "p", "", 0, s(end))), 0);
    }

    private static Span span(double start, double end) {
        return new Span(s(start), s(end));
    }

    @Test
    void numbersOfRunningTasks() {
        var profile =
                new Profile(List.of(task(0, "f", 0, 0, 1, 3), task(1, "f", 1, 0, 2, 4), task(2, "f", 0, 0, 3, 3)), 2);
        assertThat(profile.steps())
                .containsExactly(
                        new Profile.Step(s(1), 1),
                        new Profile.Step(s(2), 2),
                        new Profile.Step(s(3), 1),
                        new Profile.Step(s(4), 0));
        assertThat(profile.parallel(0, s(10))).isEqualTo(s(1));
        assertThat(profile.parallel(s(2.5), s(2.75))).isEqualTo(s(0.25));
        assertThat(profile.spare(0, s(5))).isEqualTo(s(4));
        assertThat(profile.spare(s(2.5), s(3.5))).isEqualTo(s(0.5));
        assertThat(profile.means(0, s(4), 4)).containsExactly(0, 1, 2, 1);
        assertThat(new Profile(List.of(), 2).means(0, s(1), 2)).containsExactly(0, 0);
        assertThat(Profile.length(List.of(span(0, 2), span(1, 3), span(5, 6)))).isEqualTo(s(4));
    }

    /// a and b at once; c needs b; the script waits for c, then works for itself.
    @Test
    void theChainFollowsResults() {
        var tasks = List.of(task(0, "a", 0, 0, 0.1, 1), task(1, "b", 1, 0, 0.1, 2), task(2, "c", 0, 2, 2.001, 3, 1));
        var path = CriticalPath.of(recording(2, tasks, List.of(), List.of(span(0.05, 3)), 3.5));
        assertThat(path.stream().filter(link -> link.kind() == Kind.TASK).map(CriticalPath.Link::label))
                .containsExactly("b", "c");
        assertThat(path.getLast().kind()).isEqualTo(Kind.SCRIPT);
        assertThat(path.getLast().nanos()).isEqualTo(s(0.5));
        assertThat(path.stream().mapToLong(CriticalPath.Link::nanos).sum()).isEqualTo(s(3.5));
    }

    /// Three calls at once and one slot: the last one waited for the others.
    @Test
    void theChainFollowsSlots() {
        var tasks = List.of(task(0, "f", 0, 0, 0.01, 1), task(1, "f", 0, 0, 1.001, 2), task(2, "f", 0, 0, 2.001, 3));
        var path = CriticalPath.of(recording(1, tasks, List.of(), List.of(span(0.001, 3)), 3.001));
        var chain = path.stream().filter(link -> link.kind() == Kind.TASK).toList();
        assertThat(chain).hasSize(3);
        assertThat(chain.stream().map(CriticalPath.Link::slotWasBusy)).containsExactly(false, true, true);
        assertThat(path.stream().mapToLong(CriticalPath.Link::nanos).sum()).isEqualTo(s(3.001));
    }

    /// Call, wait, work, call, …: what ran in order is in the chain with its line.
    @Test
    void theChainNamesWhatRanInOrder() {
        var tasks = List.of(task(0, "f", 0, 0, 0, 1), task(1, "f", 0, 2, 2, 3));
        var waits = List.of(new Wait(Recording.Kind.IN_ORDER, true, FILE, 20, "p", "", s(0.001), s(1), s(2)));
        var path = CriticalPath.of(recording(2, tasks, waits, List.of(span(0.001, 1), span(2.001, 3)), 3));
        var script = path.stream().filter(link -> link.line() == 20).toList();
        assertThat(script).hasSize(1);
        assertThat(script.getFirst().nanos()).isEqualTo(s(1));
        assertThat(path.stream().filter(link -> link.kind() == Kind.TASK)).hasSize(2);
    }

    @Test
    void nothingRecordedIsNoChain() {
        assertThat(CriticalPath.of(new Recording(1, List.of(), List.of(), List.of(), List.of(), 0)))
                .isEmpty();
    }

    private static Place place(Place.Kind kind, int line, Rule rule, String subject) {
        return new Place(
                "p",
                FILE,
                line,
                kind,
                subject + "(y)",
                Optional.of(new Reason(rule, subject)),
                true,
                List.of(new Place.Held("f(x)", 4)));
    }

    private static final Place CALL =
            new Place("p", FILE, 4, Place.Kind.TASK, "f(x)", Optional.empty(), true, List.of());

    private static List<String> source(String file) {
        return List.of(
                "import pydron", "def p(xs):", "    for x in xs:", "        y = f(x)", "        save(y)  # </code>");
    }

    private static Report report(List<Wait> waits) {
        var tasks = List.of(
                new Task(0, "f", FILE, 4, 0, 0, 0, 0, s(1), List.of()),
                new Task(1, "f", FILE, 4, 0, 0, s(1.5), s(1.5), s(2.5), List.of()));
        return Report.of(
                "a <b>.py",
                List.of(CALL, place(Place.Kind.WAITS, 5, Rule.UNKNOWN_CALL, "save")),
                ReportTest::source,
                recording(2, tasks, waits, List.of(span(0, 1), span(1.5, 2.5)), 3));
    }

    private static Wait wait(Recording.Kind kind, int line, String detail, double start, double until, double end) {
        return new Wait(kind, true, FILE, line, "p", detail, s(start), s(until), s(end));
    }

    @Test
    void waitsBelongToThePlaceOfTheirLine() {
        var report = report(List.of(
                wait(Recording.Kind.IN_ORDER, 5, "", 0.1, 1, 1.5), wait(Recording.Kind.IN_ORDER, 5, "", 1.6, 2.5, 3)));
        var finding = report.findings().getFirst();
        assertThat(finding.cost()).contains(new Report.Cost(2, s(1.8), s(1), s(2.8), true));
        assertThat(finding.isSyncPointInLoop()).isTrue();
        assertThat(report.findings()).hasSize(1);
        var totals = report.run().orElseThrow().totals();
        assertThat(totals).isEqualTo(new Report.Totals(s(3), s(2), s(1), 0));
        assertThat(totals.speedUp()).isCloseTo(1, within(0.001));
        assertThat(totals.efficiency(2)).isCloseTo(1 / 3.0, within(0.001));
    }

    @Test
    void callsThatWaitedForTheirArguments() {
        var report = report(List.of());
        assertThat(report.late()).hasSize(1);
        assertThat(report.late().getFirst().getValue().late()).isEqualTo(s(1.5));
        assertThat(TextReport.write(report, 80, false)).contains("    1.5 s  a <b>.py:4  y = f(x)");
        assertThat(HtmlReport.write(report)).contains("Calls that waited for their arguments");
    }

    @Test
    void whatOnlyTheRunKnew() {
        var report = report(List.of(
                wait(Recording.Kind.RUN_HERE, 4, "an argument cannot be pickled: a lock", 0.1, 0.1, 1),
                wait(Recording.Kind.FOR_VALUE, 2, "", 1, 2, 2)));
        var found = report.findings().stream()
                .filter(finding -> finding.reason().rule() == Rule.CANNOT_PICKLE)
                .toList();
        assertThat(found).hasSize(1);
        assertThat(found.getFirst().reason().subject()).isEqualTo("f");
        assertThat(found.getFirst().isSyncPointInLoop()).isTrue();
        assertThat(report.findings().stream().map(finding -> finding.reason().rule()))
                .doesNotContain(Rule.NEEDS_RESULT);
    }

    @Test
    void textFitsAndHasNoColoursUnlessAsked() {
        var report = report(List.of(wait(Recording.Kind.IN_ORDER, 5, "", 0.1, 1, 1.5)));
        String text = TextReport.write(report, 60, false);
        assertThat(text.lines()).allMatch(line -> line.length() <= 60);
        assertThat(text).contains("a <b>.py:5  1.4 s  unknown call, in a loop").doesNotContain("\u001b");
        assertThat(TextReport.write(report, 60, true)).contains("\u001b[31m");
    }

    @Test
    void nothingInAPageIsMarkupThatTheUserWrote() {
        String page = HtmlReport.write(report(List.of(wait(Recording.Kind.IN_ORDER, 5, "", 0.1, 1, 1.5))));
        assertThat(page)
                .contains("save(y)  # &lt;/code&gt;")
                .contains("a &lt;b&gt;.py")
                .doesNotContain("a <b>");
        assertThat(Html.text("<a href=\"x\">&'\u0000\f\ud800\t"))
                .isEqualTo("&lt;a href=&quot;x&quot;&gt;&amp;&#39;\ufffd\ufffd\ufffd    ");
    }

    @Test
    void jsonEscapes() {
        var place = place(Place.Kind.WAITS, 5, Rule.UNKNOWN_CALL, "a\"b\\c\nd\u0001\ud800");
        String json = JsonReport.write(Report.of("t", List.of(place), _ -> List.of()));
        assertThat(json).contains("a\\\"b\\\\c\\nd\\u0001\\ud800(y)");
    }
}
