package pydron.provision.join;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import pydron.provision.model.Address;

/// Decides, for one claim, what to do next: log in, bring what is missing, start the worker, look after it, and begin
/// again when something breaks. It does nothing itself, and knows the time only from its caller.
final class Course {
    /// A machine that boots is asked often, one that is long gone seldom.
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

    /// It has a second to plant its key in, and somebody waits.
    private static final Duration BOOTING_PAUSE = Duration.ofMillis(300);

    private static final Duration LAST_PAUSE = Duration.ofSeconds(20);
    private static final Duration LOOK = Duration.ofSeconds(3);

    /// Between two tries of ssh at an address that nobody answers at.
    private static final Duration BLIND = Duration.ofSeconds(15);

    /// The certificates that the worker was given last may end sooner than its connection.
    private static final Duration RENEW = Duration.ofHours(12);

    /// What a worker writes down that the scheduler does not want.
    private static final String REFUSED = "failed: the scheduler refused this worker: ";

    /// What it writes down while it has no connection.
    private static final String DISCONNECTED = "disconnected: ";

    private static final long BUNDLE_KILOBYTES = 250_000;

    private final Optional<String> wanted;
    private final Duration patience;
    private final Set<String> kinds;
    private final Instant begin;
    private List<Destination> destinations = List.of();
    private Optional<Address> direct = Optional.empty();
    private int tries;
    private Optional<Instant> lastTry = Optional.empty();
    private boolean everRan;
    private boolean connected;
    private Found found;
    private Instant renewed;
    private Instant troubleSince;
    private Duration pause = FIRST_PAUSE;
    private String log = "";
    private boolean asked;
    private JoinReport report;

    /// @param wanted version of Python
    /// @param kinds of machines that there are bundles for
    /// @param patience as in [JoinOptions]
    Course(Optional<String> wanted, Set<String> kinds, Duration patience, Instant now) {
        this.patience = patience;
        this.wanted = wanted;
        this.kinds = new TreeSet<>(kinds);
        this.begin = now;
        this.troubleSince = now;
        report = new JoinReport(JoinReport.Stage.WAITING, "it has no address yet", now);
    }

    /// Where the instance can be reached, as far as is known now.
    void reachableAt(List<Destination> known) {
        destinations = List.copyOf(known);
    }

    /// Where its worker has to connect to; empty: a tunnel is opened.
    void connectsTo(Optional<Address> address) {
        direct = address;
    }

    JoinReport report() {
        return report;
    }

    private void say(JoinReport.Stage stage, String text, Instant now) {
        if (report.stage() != stage) {
            report = new JoinReport(stage, text, now);
        } else {
            report = new JoinReport(stage, text, report.since());
        }
    }

    /// What to do at the very beginning.
    Step first() {
        return logIn();
    }

    Step next(Step before, Outcome outcome, Instant now) {
        return switch (outcome) {
            case Outcome.Rested _ -> connected ? afterRest(before) : logIn();
            case Outcome.Sought sought -> sought(sought, now);
            case Outcome.LoggedIn _ -> {
                connected = true;
                say(JoinReport.Stage.PREPARING, "logged in, looking what is there", now);
                yield new Step.Probe();
            }
            case Outcome.Seen seen -> {
                found = seen.found();
                yield before instanceof Step.Watch ? watched(now) : probed(now);
            }
            case Outcome.Brought _ -> new Step.Probe();
            case Outcome.Started _ -> {
                renewed = now;
                say(JoinReport.Stage.RUNNING, "the worker was started", now);
                yield new Step.Pause(FIRST_PAUSE);
            }
            case Outcome.Told told -> {
                log = told.log();
                yield new Step.Pause(pause);
            }
            case Outcome.Failed failed -> stuckLater(failed.text(), now);
            case Outcome.Cut cut -> cut(cut, now);
        };
    }

    private Step afterRest(Step before) {
        return report.stage() == JoinReport.Stage.RUNNING && before instanceof Step.Pause
                ? new Step.Watch()
                : new Step.Probe();
    }

    /// A machine that boots is looked for at all its addresses at once: most of a cloud's do not answer from outside,
    /// and
    /// a try of ssh takes long to find that out. Where a host of the user's own is, ssh knows best.
    private Step logIn() {
        if (destinations.isEmpty()) {
            return new Step.Pause(FIRST_PAUSE);
        }
        return planted() ? new Step.Seek(destinations) : blindly();
    }

    private Step blindly() {
        return new Step.LogIn(destinations.get(tries++ % destinations.size()));
    }

    /// The user's ssh may know a way that we do not, a proxy for one.
    private Step sought(Outcome.Sought sought, Instant now) {
        if (sought.answers().isPresent()) {
            return new Step.LogIn(sought.answers().get());
        }
        if (lastTry.isEmpty() || Duration.between(lastTry.get(), now).compareTo(BLIND) > 0) {
            lastTry = Optional.of(now);
            return blindly();
        }
        return logIn();
    }

    private void well(Instant now) {
        troubleSince = now;
        pause = FIRST_PAUSE;
        log = "";
        asked = false;
    }

    private Duration longerPause() {
        Duration now = pause;
        Duration twice = pause.multipliedBy(2);
        pause = twice.compareTo(LAST_PAUSE) > 0 ? LAST_PAUSE : twice;
        return now;
    }

    /// What fails may work in a moment. When it does not, the log is fetched once, and somebody is told.
    private Step stuckLater(String text, Instant now) {
        if (Duration.between(troubleSince, now).compareTo(patience) < 0) {
            say(JoinReport.Stage.PREPARING, text, now);
        } else {
            if (!asked) {
                asked = true;
                return new Step.Ask();
            }
            stuck(text, now);
        }
        return new Step.Pause(longerPause());
    }

    private void stuck(String text, Instant now) {
        say(JoinReport.Stage.STUCK, log.isEmpty() ? text : text + "; " + log, now);
    }

    private void useless(String text, Instant now) {
        say(JoinReport.Stage.USELESS, text, now);
    }

    private Step probed(Instant now) {
        if (!found.claimed()) {
            return stuckLater(
                    "the machine runs, but its user data has not: the image must have cloud-init, or whatever else"
                            + " runs user data that begins with #!",
                    now);
        }
        if (!kinds.contains(found.arch())) {
            useless(
                    "the machine is a " + found.arch() + ", and there is a worker bundle only for "
                            + String.join(", ", kinds) + ": choose an instance type of that kind",
                    now);
            return new Step.Pause(LAST_PAUSE);
        }
        Optional<String> python = found.python(wanted);
        if (python.isEmpty()) {
            useless(noPython(), now);
            return new Step.Pause(LAST_PAUSE);
        }
        if (found.bundles().isEmpty()) {
            if (found.freeKilobytes() >= 0 && found.freeKilobytes() < BUNDLE_KILOBYTES) {
                useless(
                        "only " + found.freeKilobytes() / 1000 + " MB are free on its disk, and the worker needs "
                                + BUNDLE_KILOBYTES / 1000,
                        now);
                return new Step.Pause(LAST_PAUSE);
            }
            say(JoinReport.Stage.PREPARING, "bringing the worker", now);
            return new Step.Bring(found.arch(), python.get());
        }
        say(JoinReport.Stage.PREPARING, "starting the worker", now);
        return new Step.Start(found.bundles().values().iterator().next(), python.get());
    }

    private String noPython() {
        String there = found.pythons().isEmpty()
                ? "no Python"
                : "Python " + String.join(", ", found.pythons().keySet());
        return wanted.map(it -> "the image has " + there + ", and the script's Python is " + it
                        + ": objects travel between the same versions only. Use an image with python" + it
                        + ", or run the script with a Python that the image has")
                .orElse("the image has " + there + ", and 3.9 or newer is needed: use another image");
    }

    private Step watched(Instant now) {
        String state = found.state();
        if (found.worker()) {
            everRan = true;
            if (state.equals("joined")) {
                well(now);
            }
            say(JoinReport.Stage.RUNNING, working(state), now);
            boolean due = Duration.between(renewed, now).compareTo(RENEW) > 0;
            return due ? new Step.Probe() : new Step.Pause(LOOK);
        }
        if (state.startsWith("ended: drained")) {
            say(JoinReport.Stage.RUNNING, "the worker has ended: it was drained", now);
            return new Step.Pause(LOOK);
        }
        if (!asked) {
            asked = true;
            return new Step.Ask();
        }
        asked = false;
        if (state.startsWith(REFUSED)) {
            useless("its worker was refused: " + state.substring(REFUSED.length()), now);
            return new Step.Pause(longerPause());
        }
        String text = "the worker has ended" + (state.isEmpty() ? "" : " (" + state + ")");
        if (state.startsWith("failed: ")) {
            useless(log.isEmpty() ? text : text + "; " + log, now);
        } else if (Duration.between(troubleSince, now).compareTo(patience) > 0) {
            stuck(text, now);
        } else {
            say(JoinReport.Stage.PREPARING, text, now);
        }
        return new Step.Pause(longerPause());
    }

    /// A worker without a connection tries on and on.
    private String working(String state) {
        if (state.equals("joined")) {
            return "the worker has joined";
        } else if (state.isEmpty()) {
            return "the worker was started";
        }
        return direct.filter(_ -> state.startsWith(DISCONNECTED))
                .map(it -> "its worker cannot connect to " + it + " (" + state.substring(DISCONNECTED.length())
                        + "): let instances in there (firewall, security group, router), or remove 'address' from the"
                        + " cloud's settings, and a tunnel is used")
                .orElse("the worker: " + state);
    }

    private Step cut(Outcome.Cut cut, Instant now) {
        if (connected) {
            connected = false;
            well(now); // the clock of patience begins with the trouble
        }
        boolean patient = Duration.between(troubleSince, now).compareTo(patience) < 0;
        if (everRan) {
            String which = direct.isPresent() ? "the connection of ssh" : "the connection";
            say(JoinReport.Stage.CUT, which + " was cut, trying again: " + cut.text(), now);
        } else if (patient) {
            String text = cut.trouble() == Trouble.HOST_KEY && planted()
                    ? "it answers, and its user data has not run yet"
                    : "it cannot be reached yet: " + cut.text();
            say(JoinReport.Stage.WAITING, text, now);
        } else {
            say(JoinReport.Stage.STUCK, advice(cut), now);
        }
        boolean young = Duration.between(begin, now).compareTo(patience) < 0;
        return new Step.Pause(!young ? longerPause() : planted() ? BOOTING_PAUSE : FIRST_PAUSE);
    }

    private boolean planted() {
        return destinations.stream().allMatch(Destination::planted);
    }

    private String advice(Outcome.Cut cut) {
        String where = destinations.isEmpty() ? "" : " at " + destinations.getFirst();
        return switch (cut.trouble()) {
            case UNREACHABLE ->
                "no sshd answers" + where + ": is the port of ssh open from here (security group, network), and does"
                        + " the image run sshd? " + cut.text();
            case HOST_KEY ->
                "the machine" + where + " shows another host key than expected: "
                        + (destinations.stream().anyMatch(Destination::planted)
                                // What ssh says then warns of attacks at length.
                                ? "its user data did not run (does the image have cloud-init?), or it is not our machine"
                                : "connect once by hand with ssh, and see whether it is the right host. " + cut.text());
            case KEY -> "the machine" + where + " does not let us in: " + cut.text();
            case FORWARD ->
                "sshd" + where
                        + " allows no tunnel: AllowTcpForwarding must be on, or the cloud's settings say at which 'address'"
                        + " instances reach this machine. " + cut.text();
            case OTHER -> "ssh" + where + ": " + cut.text();
        };
    }
}
