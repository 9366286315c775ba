package pydron.provision.join;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import pydron.provision.model.Address;

/// Sentences about what is done next, and what is told.
class CourseTest {
    private static final Map<String, String> BUNDLE = Map.of("abc", "/home/pydron/.pydron/bundles/abc");
    private static final Map<String, String> PYTHON = Map.of("3.11.2", "/usr/bin/python3");

    private Instant now = Instant.EPOCH;
    private final Course course = new Course(Optional.of("3.11"), Set.of("x86_64"), Duration.ofMinutes(2), now);
    private Step last = new Step.Pause(Duration.ZERO);

    private Step after(Outcome outcome) {
        last = course.next(last, outcome, now);
        return last;
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }

    private static Outcome.Seen seen(
            Map<String, String> bundles, Map<String, String> pythons, boolean worker, String state) {
        return new Outcome.Seen(new Found("x86_64", true, bundles, pythons, worker, state, 9_000_000));
    }

    private void running() {
        course.reachableAt(List.of(Destination.of("10.0.0.1")));
        after(new Outcome.Rested());
        after(new Outcome.LoggedIn());
        after(seen(BUNDLE, PYTHON, false, ""));
        after(new Outcome.Started());
        after(new Outcome.Rested());
        after(seen(BUNDLE, PYTHON, true, "joined"));
    }

    @Test
    void fromNothingToAWorker() {
        assertThat(course.first()).isInstanceOf(Step.Pause.class);
        course.reachableAt(List.of(Destination.of("10.0.0.1")));
        assertThat(after(new Outcome.Rested())).isEqualTo(new Step.Seek(List.of(Destination.of("10.0.0.1"))));
        assertThat(after(new Outcome.Sought(Optional.of(Destination.of("10.0.0.1")))))
                .isEqualTo(new Step.LogIn(Destination.of("10.0.0.1")));
        assertThat(after(new Outcome.LoggedIn())).isEqualTo(new Step.Probe());
        assertThat(after(seen(Map.of(), PYTHON, false, ""))).isEqualTo(new Step.Bring("x86_64", "/usr/bin/python3"));
        assertThat(after(new Outcome.Brought())).isEqualTo(new Step.Probe());
        assertThat(after(seen(BUNDLE, PYTHON, false, "")))
                .isEqualTo(new Step.Start("/home/pydron/.pydron/bundles/abc", "/usr/bin/python3"));
        assertThat(after(new Outcome.Started())).isInstanceOf(Step.Pause.class);
        assertThat(after(new Outcome.Rested())).isEqualTo(new Step.Watch());
        after(seen(BUNDLE, PYTHON, true, "joined"));
        assertThat(course.report().stage()).isEqualTo(JoinReport.Stage.RUNNING);
        assertThat(course.report().text()).isEqualTo("the worker has joined");
    }

    @Test
    void aWorkerThatCannotConnectDirectlySaysWhereAndWhatToDo() {
        course.connectsTo(Address.of("192.0.2.7:7350"));
        running();
        after(new Outcome.Rested());
        after(seen(BUNDLE, PYTHON, true, "disconnected: io exception: Connection refused"));
        assertThat(course.report().text())
                .isEqualTo(
                        "its worker cannot connect to 192.0.2.7:7350 (io exception: Connection refused): let instances"
                                + " in there (firewall, security group, router), or remove 'address' from the cloud's settings,"
                                + " and a tunnel is used");
        assertThat(after(new Outcome.Rested())).isEqualTo(new Step.Watch());
        after(seen(BUNDLE, PYTHON, true, "joined"));
        assertThat(course.report().text()).isEqualTo("the worker has joined");
        after(new Outcome.Cut(Trouble.UNREACHABLE, "Timeout"));
        assertThat(course.report().text()).isEqualTo("the connection of ssh was cut, trying again: Timeout");
    }

    @Test
    void aConnectionThatIsCutIsMadeAgain() {
        running();
        assertThat(after(new Outcome.Cut(Trouble.UNREACHABLE, "Timeout, server not responding.")))
                .isInstanceOf(Step.Pause.class);
        assertThat(course.report().stage()).isEqualTo(JoinReport.Stage.CUT);
        assertThat(after(new Outcome.Rested())).isInstanceOf(Step.Seek.class);
        assertThat(after(new Outcome.LoggedIn())).isEqualTo(new Step.Probe());
        // The worker runs on; it is told where the tunnel begins now.
        assertThat(after(seen(BUNDLE, PYTHON, true, "disconnected: x"))).isInstanceOf(Step.Start.class);
    }

    @Test
    void theAddressThatAnswersIsTaken() {
        List<Destination> both = List.of(Destination.of("10.0.0.1"), Destination.of("10.0.0.2"));
        course.reachableAt(both);
        assertThat(after(new Outcome.Rested())).isEqualTo(new Step.Seek(both));
        assertThat(after(new Outcome.Sought(Optional.of(both.getLast()))))
                .isEqualTo(new Step.LogIn(Destination.of("10.0.0.2")));
    }

    @Test
    void whereNobodyAnswersSshIsTriedNowAndThenAsItMayKnowAWay() {
        List<Destination> both = List.of(Destination.of("10.0.0.1"), Destination.of("10.0.0.2"));
        course.reachableAt(both);
        assertThat(after(new Outcome.Sought(Optional.empty()))).isEqualTo(new Step.LogIn(Destination.of("10.0.0.1")));
        after(new Outcome.Cut(Trouble.UNREACHABLE, "Connection refused"));
        assertThat(after(new Outcome.Rested())).isEqualTo(new Step.Seek(both));
        assertThat(after(new Outcome.Sought(Optional.empty()))).isEqualTo(new Step.Seek(both));
        pass(Duration.ofSeconds(20));
        assertThat(after(new Outcome.Sought(Optional.empty()))).isEqualTo(new Step.LogIn(Destination.of("10.0.0.2")));
    }

    @Test
    void aHostOfTheUsersOwnIsLeftToSsh() {
        Destination host = Destination.of("ssh://me@there");
        course.reachableAt(List.of(host));
        assertThat(after(new Outcome.Rested())).isEqualTo(new Step.LogIn(host));
    }

    @Test
    void whatDoesNotGetBetterIsToldWithAWayOut() {
        course.reachableAt(List.of(Destination.of("10.0.0.1")));
        after(new Outcome.Cut(Trouble.UNREACHABLE, "Connection refused"));
        assertThat(course.report().stage()).isEqualTo(JoinReport.Stage.WAITING);
        pass(Duration.ofMinutes(3));
        after(new Outcome.Cut(Trouble.UNREACHABLE, "Connection refused"));
        assertThat(course.report().stage()).isEqualTo(JoinReport.Stage.STUCK);
        assertThat(course.report().text()).contains("10.0.0.1", "security group");
        after(new Outcome.Cut(Trouble.HOST_KEY, "Host key verification failed."));
        assertThat(course.report().text()).contains("its user data did not run");
        after(new Outcome.Cut(Trouble.FORWARD, "remote port forwarding failed"));
        assertThat(course.report().text()).contains("AllowTcpForwarding");
    }

    @Test
    void aPythonOfAnotherVersionIsRefusedByName() {
        running();
        after(new Outcome.Cut(Trouble.OTHER, "gone"));
        after(new Outcome.Rested());
        after(new Outcome.LoggedIn());
        after(seen(BUNDLE, Map.of("3.13.1", "/usr/bin/python3"), false, ""));
        assertThat(course.report().stage()).isEqualTo(JoinReport.Stage.USELESS);
        assertThat(course.report().text()).contains("the image has Python 3.13.1", "the script's Python is 3.11");
    }

    @Test
    void aMachineOfAnotherKindAndAFullDiskAreToldAtOnce() {
        course.reachableAt(List.of(Destination.of("10.0.0.1")));
        after(new Outcome.LoggedIn());
        after(new Outcome.Seen(new Found("aarch64", true, Map.of(), PYTHON, false, "", -1)));
        assertThat(course.report().text()).contains("aarch64", "only for x86_64");
        after(new Outcome.Seen(new Found("x86_64", true, Map.of(), PYTHON, false, "", 1000)));
        assertThat(course.report().text()).contains("only 1 MB are free");
    }

    @Test
    void userDataThatDoesNotRunIsToldAfterAWhileWithTheLog() {
        course.reachableAt(List.of(Destination.of("10.0.0.1")));
        after(new Outcome.LoggedIn());
        Outcome nothing = new Outcome.Seen(new Found("x86_64", false, Map.of(), PYTHON, false, "", -1));
        assertThat(after(nothing)).isInstanceOf(Step.Pause.class);
        assertThat(course.report().stage()).isEqualTo(JoinReport.Stage.PREPARING);
        pass(Duration.ofMinutes(3));
        assertThat(after(nothing)).isEqualTo(new Step.Ask());
        after(new Outcome.Told("the end of /var/log/x there:\n  no such command"));
        after(nothing);
        assertThat(course.report().stage()).isEqualTo(JoinReport.Stage.STUCK);
        assertThat(course.report().text()).contains("user data", "no such command");
    }

    @Test
    void aWorkerThatWasRefusedIsToldAtOnceAndOneThatWasDrainedStaysEnded() {
        running();
        last = new Step.Watch();
        assertThat(after(seen(BUNDLE, PYTHON, false, "ended: drained, its time is over")))
                .isInstanceOf(Step.Pause.class);
        assertThat(course.report().stage()).isEqualTo(JoinReport.Stage.RUNNING);
        last = new Step.Watch();
        assertThat(after(seen(BUNDLE, PYTHON, false, "failed: the scheduler refused this worker: no")))
                .isEqualTo(new Step.Ask());
        after(new Outcome.Told(""));
        last = new Step.Watch();
        after(seen(BUNDLE, PYTHON, false, "failed: the scheduler refused this worker: no"));
        assertThat(course.report().stage()).isEqualTo(JoinReport.Stage.USELESS);
        assertThat(course.report().text()).contains("its worker was refused: no");
    }

    @Test
    void certificatesAreRenewedBeforeTheyEnd() {
        running();
        pass(Duration.ofHours(13));
        last = new Step.Watch();
        assertThat(after(seen(BUNDLE, PYTHON, true, "joined"))).isEqualTo(new Step.Probe());
    }
}
