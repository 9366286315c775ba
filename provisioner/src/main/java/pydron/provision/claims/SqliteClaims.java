package pydron.provision.claims;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import pydron.provision.model.Claim;
import pydron.provision.model.ClaimId;
import pydron.provision.model.ClaimState;
import pydron.provision.model.End;
import pydron.provision.model.InstanceId;
import pydron.provision.model.Machine;
import pydron.provision.model.Money;
import pydron.provision.model.Pool;
import pydron.provision.model.PoolState;
import pydron.provision.model.Price;
import pydron.provision.model.Resources;

/// Claims in one SQLite file that only its owner can read. A write is on the disk when it returns. The file
/// is locked while it is open, so two services cannot work on the same claims.
///
/// Times are milliseconds since 1970, durations milliseconds, money millionths. What a state does not have
/// is null.
public final class SqliteClaims implements Claims {
    private static final int SCHEMA = 1;
    private static final List<String> TABLES = List.of(
            """
            CREATE TABLE claim (
              id TEXT PRIMARY KEY, pool TEXT NOT NULL, cloud TEXT NOT NULL, type TEXT NOT NULL, zone TEXT NOT NULL,
              cores INTEGER NOT NULL, memory INTEGER NOT NULL, gpus INTEGER NOT NULL,
              per_hour INTEGER NOT NULL, spot INTEGER NOT NULL, boot INTEGER NOT NULL,
              at INTEGER NOT NULL, until INTEGER NOT NULL,
              state TEXT NOT NULL, instance TEXT, since INTEGER NOT NULL, asked INTEGER, times INTEGER,
              deadline INTEGER, why TEXT, cost INTEGER) STRICT""",
            "CREATE INDEX claim_open ON claim (id) WHERE state <> 'gone'",
            """
            CREATE TABLE pool (
              name TEXT PRIMARY KEY, state TEXT NOT NULL, failures INTEGER, at INTEGER, reason TEXT) STRICT""",
            "CREATE TABLE clock (one INTEGER PRIMARY KEY CHECK (one = 1), tick INTEGER NOT NULL) STRICT",
            "CREATE TABLE account (one INTEGER PRIMARY KEY CHECK (one = 1), spent INTEGER NOT NULL) STRICT",
            "INSERT INTO account VALUES (1, 0)");

    private final Connection connection;
    private final Path file;

    /// Opens the file, and makes it when it is not there.
    ///
    /// @throws ClaimsUnavailable it cannot be read, is of a newer version, or another process has it open
    public SqliteClaims(Path file) {
        this.file = file;
        SqliteLibrary.load(file.toAbsolutePath().getParent());
        try {
            if (Files.notExists(file)) {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + file, e);
        }
        Connection opened = null;
        try {
            opened = DriverManager.getConnection("jdbc:sqlite:" + file);
            connection = opened;
            prepare();
        } catch (SQLException e) {
            close(opened, e);
            throw unavailable(e);
        } catch (ClaimsUnavailable e) {
            close(opened, e);
            throw e;
        }
    }

    private static void close(Connection opened, Exception because) {
        try {
            if (opened != null) {
                opened.close();
            }
        } catch (SQLException e) {
            because.addSuppressed(e);
        }
    }

    private ClaimsUnavailable unavailable(SQLException e) {
        String why = e.getErrorCode() == 5 || e.getErrorCode() == 6
                ? "another process has it open"
                : String.valueOf(e.getMessage());
        return new ClaimsUnavailable("cannot use the record of instances '" + file + "': " + why, e);
    }

    private void prepare() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = 2000");
            statement.execute("PRAGMA locking_mode = EXCLUSIVE");
            statement.execute("PRAGMA journal_mode = WAL");
            statement.execute("PRAGMA synchronous = FULL");
            // A write takes the lock, and with this mode nobody else gets it until the file is closed.
            statement.execute("BEGIN IMMEDIATE");
            int version;
            try (ResultSet row = statement.executeQuery("PRAGMA user_version")) {
                version = row.getInt(1);
            }
            if (version > SCHEMA) {
                throw new ClaimsUnavailable(
                        "cannot use the record of instances '" + file + "': a newer Pydron has written it (version "
                                + version + ")",
                        null);
            }
            if (version == 0) {
                for (String table : TABLES) {
                    statement.execute(table);
                }
                statement.execute("PRAGMA user_version = " + SCHEMA);
            }
            statement.execute("COMMIT");
        }
    }

    @Override
    public List<Claim> open() {
        return query("SELECT * FROM claim WHERE state <> 'gone' ORDER BY id", rows -> {
            List<Claim> result = new ArrayList<>();
            while (rows.next()) {
                result.add(claim(rows));
            }
            return result;
        });
    }

    @Override
    public Money spent() {
        return query("SELECT spent FROM account", rows -> new Money(rows.getLong(1)));
    }

    @Override
    public Map<String, PoolState> pools() {
        return query("SELECT * FROM pool", rows -> {
            Map<String, PoolState> result = new TreeMap<>();
            while (rows.next()) {
                result.put(rows.getString("name"), poolState(rows));
            }
            return result;
        });
    }

    @Override
    public Instant tick() {
        return query("SELECT tick FROM clock", rows -> rows.next() ? time(rows, "tick") : Instant.MIN);
    }

    @Override
    public void write(List<Change> changes) {
        try (Statement statement = connection.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            try {
                for (Change change : changes) {
                    switch (change) {
                        case Change.Put put -> put(put.claim());
                        case Change.SetPool set -> setPool(set.pool(), set.state());
                        case Change.Tick tick ->
                            update("INSERT OR REPLACE INTO clock VALUES (1, ?)", millis(tick.at()));
                    }
                }
                statement.execute("COMMIT");
            } catch (SQLException e) {
                statement.execute("ROLLBACK");
                throw e;
            }
        } catch (SQLException e) {
            throw unavailable(e);
        }
    }

    private void put(Claim claim) throws SQLException {
        if (claim.state() instanceof ClaimState.Gone gone) {
            update(
                    "UPDATE account SET spent = spent + ? - coalesce((SELECT cost FROM claim WHERE id = ?), 0)",
                    gone.cost().micros(),
                    claim.id().value());
        }
        Pool pool = claim.pool();
        Machine machine = pool.machine();
        Row row = Row.of(claim.state());
        update(
                "INSERT OR REPLACE INTO claim VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                claim.id().value(),
                pool.name(),
                machine.cloud(),
                machine.type(),
                machine.zone(),
                pool.size().cores(),
                pool.size().memory(),
                pool.size().gpus(),
                pool.perHour().micros(),
                pool.price().spot() ? 1 : 0,
                pool.boot().toMillis(),
                millis(claim.at()),
                millis(claim.until()),
                row.state(),
                row.instance(),
                row.since(),
                row.asked(),
                row.times(),
                row.deadline(),
                row.why(),
                row.cost());
    }

    /// A state as columns; null where it has none.
    private record Row(
            String state,
            String instance,
            Long since,
            Long asked,
            Integer times,
            Long deadline,
            String why,
            Long cost) {
        static Row of(ClaimState state) {
            return switch (state) {
                case ClaimState.Requested it ->
                    new Row("requested", null, millis(it.asked()), millis(it.asked()), it.times(), null, null, null);
                case ClaimState.Booting it ->
                    new Row("booting", it.instance().value(), millis(it.since()), null, null, null, null, null);
                case ClaimState.Working it ->
                    new Row("working", it.instance().value(), millis(it.since()), null, null, null, null, null);
                case ClaimState.Draining it ->
                    new Row(
                            "draining",
                            it.instance().value(),
                            millis(it.since()),
                            null,
                            null,
                            millis(it.deadline()),
                            it.why().name(),
                            null);
                case ClaimState.Terminating it ->
                    new Row(
                            "terminating",
                            it.instance().value(),
                            millis(it.since()),
                            millis(it.asked()),
                            null,
                            null,
                            it.why().name(),
                            null);
                case ClaimState.Gone it ->
                    new Row(
                            "gone",
                            null,
                            millis(it.at()),
                            null,
                            null,
                            null,
                            it.why().name(),
                            it.cost().micros());
            };
        }
    }

    private static Claim claim(ResultSet row) throws SQLException {
        Pool pool = new Pool(
                row.getString("pool"),
                new Machine(row.getString("cloud"), row.getString("type"), row.getString("zone")),
                new Resources(row.getInt("cores"), row.getLong("memory"), row.getInt("gpus")),
                new Price(new Money(row.getLong("per_hour")), row.getInt("spot") == 1),
                Duration.ofMillis(row.getLong("boot")));
        return new Claim(new ClaimId(row.getString("id")), pool, time(row, "at"), time(row, "until"), state(row));
    }

    private static ClaimState state(ResultSet row) throws SQLException {
        return switch (row.getString("state")) {
            case "requested" -> new ClaimState.Requested(time(row, "asked"), row.getInt("times"));
            case "booting" -> new ClaimState.Booting(instance(row), time(row, "since"));
            case "working" -> new ClaimState.Working(instance(row), time(row, "since"));
            case "draining" ->
                new ClaimState.Draining(instance(row), time(row, "since"), time(row, "deadline"), why(row));
            case "terminating" ->
                new ClaimState.Terminating(instance(row), time(row, "since"), time(row, "asked"), why(row));
            case "gone" -> new ClaimState.Gone(time(row, "since"), why(row), new Money(row.getLong("cost")));
            case String other ->
                throw new SQLException("unknown state '" + other + "' of claim " + row.getString("id"));
        };
    }

    private static InstanceId instance(ResultSet row) throws SQLException {
        return new InstanceId(row.getString("instance"));
    }

    private static End why(ResultSet row) throws SQLException {
        return End.valueOf(row.getString("why"));
    }

    private void setPool(String name, PoolState state) throws SQLException {
        String sql = "INSERT OR REPLACE INTO pool VALUES (?, ?, ?, ?, ?)";
        switch (state) {
            case PoolState.Healthy _ -> update("DELETE FROM pool WHERE name = ?", name);
            case PoolState.BackingOff it ->
                update(sql, name, "resting", it.failures(), millis(it.retry()), it.reason());
            case PoolState.Paused it -> update(sql, name, "paused", null, millis(it.since()), it.reason());
        }
    }

    private static PoolState poolState(ResultSet row) throws SQLException {
        return switch (row.getString("state")) {
            case "resting" ->
                new PoolState.BackingOff(row.getInt("failures"), time(row, "at"), row.getString("reason"));
            case "paused" -> new PoolState.Paused(time(row, "at"), row.getString("reason"));
            case String other -> throw new SQLException("unknown state '" + other + "' of a pool");
        };
    }

    private static long millis(Instant time) {
        return time.toEpochMilli();
    }

    private static Instant time(ResultSet row, String column) throws SQLException {
        return Instant.ofEpochMilli(row.getLong(column));
    }

    private void update(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            statement.executeUpdate();
        }
    }

    private interface Reading<T> {
        T read(ResultSet rows) throws SQLException;
    }

    private <T> T query(String sql, Reading<T> reading) {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return reading.read(rows);
        } catch (SQLException e) {
            throw unavailable(e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw unavailable(e);
        }
    }
}
