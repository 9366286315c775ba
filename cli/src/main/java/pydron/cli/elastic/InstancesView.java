package pydron.cli.elastic;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import pydron.cli.CommandFailure;
import pydron.cli.local.Terminal;

/// `pydron instances`.
public final class InstancesView {
    private static final List<String> HEAD = List.of(
            "INSTANCE", "POOL", "TYPE", "STATE", "SINCE", "CORES", "PRICE/H", "TASKS", "RUNNING", "COST", "CLAIM");

    /// The cursor to the upper left corner, and nothing on the screen.
    private static final String CLEAR = "\033[H\033[2J";

    private final Places places;
    private final PrintWriter out;

    public InstancesView(Places places, PrintWriter out) {
        this.places = places;
        this.out = out;
    }

    /// Returns the exit code.
    public int show(boolean json, boolean watch) {
        String before = "";
        while (true) {
            Optional<Running> service = Running.find(places);
            Status status;
            try (Running it = service.orElse(null)) {
                status = it != null ? it.status() : Offline.status(places);
            } catch (CommandFailure e) {
                if (service.isPresent() && Running.find(places).isEmpty()) {
                    continue; // It has ended while it was asked.
                }
                throw e;
            }
            String text = json ? Control.JSON.toJson(status) + "\n" : text(status, Instant.now());
            if (!text.equals(before)) {
                if (watch && !json && Terminal.is(1)) {
                    out.print(CLEAR);
                } else if (!json && !before.isEmpty()) {
                    out.println();
                }
                out.print(text);
                out.flush();
                before = text;
            }
            if (!watch || service.isEmpty()) {
                return 0;
            }
            try {
                Thread.sleep(1000);
            } catch (InterruptedException e) {
                return 0;
            }
        }
    }

    /// Returns the exit code.
    public int resume(String pool) {
        try (Running service = Running.find(places).orElse(null)) {
            if (service != null) {
                service.ask("resume", Map.of("pool", pool));
            } else {
                Offline.resume(places, pool);
            }
        }
        out.println("pydron: pool '" + pool + "' is tried again");
        return 0;
    }

    static String text(Status status, Instant now) {
        StringBuilder text = new StringBuilder();
        if (status.instances().isEmpty()) {
            text.append(status.pid() == 0 ? "No instances, and no service runs.\n" : "No instances.\n");
        } else {
            List<List<String>> rows = new ArrayList<>(List.of(HEAD));
            status.instances().forEach(it -> rows.add(row(it, now)));
            text.append(table(rows));
            status.instances().stream()
                    .filter(it -> !it.connected() && !it.joining().isEmpty())
                    .forEach(it -> text.append(it.id())
                            .append(": ")
                            .append(it.joining())
                            .append("\n"));
        }
        text.append("\n").append(money(status)).append("\n");
        if (status.pid() != 0) {
            Status.Work work = status.work();
            text.append("tasks: ")
                    .append(work.done())
                    .append(" done, ")
                    .append(work.running())
                    .append(" running, ")
                    .append(work.waiting())
                    .append(" waiting; ")
                    .append(work.drivers() == 1 ? "1 program" : work.drivers() + " programs")
                    .append("; instances may start on: ")
                    .append(status.clouds().isEmpty() ? "no cloud" : String.join(", ", status.clouds()))
                    .append("\n");
        } else if (!status.instances().isEmpty()) {
            text.append("No service runs: 'pydron up' takes them over, 'pydron down' ends them.\n");
        }
        for (Status.Waits it : status.waiting()) {
            text.append("waiting: ")
                    .append(it.slots())
                    .append(" of ")
                    .append(it.needs())
                    .append(" each: ")
                    .append(it.text())
                    .append("\n");
        }
        for (Status.Pool it : status.pools()) {
            if (!it.state().equals("healthy")) {
                text.append("pool ").append(it.name()).append(": ").append(it.state());
                if (!it.retry().isEmpty()) {
                    text.append(" until ").append(it.retry());
                }
                text.append(": ").append(it.reason()).append("\n");
                if (it.state().equals("paused")) {
                    text.append("  'pydron instances --resume ")
                            .append(it.name())
                            .append("' tries it again.\n");
                }
            }
        }
        for (Status.Trouble it : status.troubles()) {
            text.append("cloud ")
                    .append(it.cloud())
                    .append(": ")
                    .append(it.what())
                    .append(": ")
                    .append(it.text())
                    .append("\n");
        }
        if (!status.problem().isEmpty()) {
            text.append("settings: not taken over: ").append(status.problem()).append("\n");
        }
        return text.toString();
    }

    private static String money(Status status) {
        Status.Money money = status.money();
        return "money: " + money.perHour() + "/h now, " + money.spent() + " so far, " + money.reserved()
                + " with what is leased, of a budget of " + money.budget();
    }

    private static List<String> row(Status.Instance it, Instant now) {
        return List.of(
                it.id().isEmpty() ? "-" : it.id(),
                it.pool(),
                it.zone().isEmpty() ? it.type() : it.type() + " " + it.zone(),
                it.state() + (it.why().isEmpty() ? "" : " (" + it.why() + ")"),
                Words.duration(Duration.between(Instant.parse(it.since()), now)),
                Integer.toString(it.cores()),
                it.perHour() + (it.spot() ? " spot" : ""),
                Long.toString(it.tasks()),
                it.state().equals("working") && !it.connected() ? "cut off" : Integer.toString(it.running()),
                it.cost(),
                it.claim().equals(it.id()) ? "" : it.claim());
    }

    /// Columns as wide as their widest cell.
    static String table(List<List<String>> rows) {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
            }
            text.append(line.toString().stripTrailing()).append("\n");
        }
        return text.toString();
    }
}
