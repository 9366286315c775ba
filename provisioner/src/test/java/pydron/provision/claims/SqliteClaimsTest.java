package pydron.provision.claims;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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

class SqliteClaimsTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final InstanceId INSTANCE = new InstanceId("i-1");

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("claims.db");
    }

    private static Claim claim(String id, ClaimState state) {
        Pool pool = new Pool(
                "main",
                new Machine("aws", "c7i.large", "eu-central-1a"),
                new Resources(2, 4L << 30, 1),
                new Price(Money.of("0.1234"), true),
                Duration.ofSeconds(42));
        return new Claim(new ClaimId(id), pool, NOW, NOW.plusSeconds(900), state);
    }

    private static List<Claim> oneOfEach() {
        return List.of(
                claim("c1", new ClaimState.Requested(NOW, 2)),
                claim("c2", new ClaimState.Booting(INSTANCE, NOW)),
                claim("c3", new ClaimState.Working(INSTANCE, NOW)),
                claim("c4", new ClaimState.Draining(INSTANCE, NOW, NOW.plusSeconds(60), End.BUDGET)),
                claim("c5", new ClaimState.Terminating(INSTANCE, NOW, NOW.plusSeconds(30), End.IDLE)));
    }

    private void write(Change... changes) {
        try (Claims claims = new SqliteClaims(file())) {
            claims.write(List.of(changes));
        }
    }

    @Test
    void theLibraryLeavesNoFile() throws IOException {
        write();
        try (Stream<String> mapped = Files.lines(Path.of("/proc/self/maps"))) {
            assertThat(mapped.filter(line -> line.contains("sqlitejdbc")))
                    .isNotEmpty()
                    .allMatch(line -> line.endsWith("(deleted)"));
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file());
        }
    }

    @Test
    void everyStateComesBack() {
        List<Claim> all = oneOfEach();
        write(all.stream().map(Change.Put::new).toArray(Change[]::new));
        try (Claims claims = new SqliteClaims(file())) {
            assertThat(claims.open()).isEqualTo(all);
            assertThat(claims.spent()).isEqualTo(Money.ZERO);
        }
    }

    @Test
    void whatIsGoneIsSpentOnce() {
        Change gone = new Change.Put(claim("c1", new ClaimState.Gone(NOW, End.IDLE, Money.of("0.5"))));
        write(new Change.Put(claim("c1", new ClaimState.Requested(NOW, 1))), gone);
        write(gone, new Change.Put(claim("c2", new ClaimState.Gone(NOW, End.IDLE, Money.of("0.25")))));
        try (Claims claims = new SqliteClaims(file())) {
            assertThat(claims.open()).isEmpty();
            assertThat(claims.spent()).isEqualTo(Money.of("0.75"));
        }
    }

    @Test
    void poolsAndTheTimeComeBack() {
        PoolState resting = new PoolState.BackingOff(2, NOW, "no capacity");
        PoolState paused = new PoolState.Paused(NOW, "there is no image 'x'");
        write(
                new Change.SetPool("a", resting),
                new Change.SetPool("b", paused),
                new Change.SetPool("c", resting),
                new Change.SetPool("c", new PoolState.Healthy()),
                new Change.Tick(NOW));
        try (Claims claims = new SqliteClaims(file())) {
            assertThat(claims.pools()).isEqualTo(Map.of("a", resting, "b", paused));
            assertThat(claims.tick()).isEqualTo(NOW);
        }
    }

    @Test
    void onlyOneProcessAtATime() {
        try (Claims _ = new SqliteClaims(file())) {
            assertThatThrownBy(() -> new SqliteClaims(file()).close())
                    .isInstanceOf(ClaimsUnavailable.class)
                    .hasMessage("cannot use the record of instances '" + file() + "': another process has it open");
        }
    }

    @Test
    void onlyItsOwnerReadsIt() throws IOException {
        write();
        assertThat(Files.getPosixFilePermissions(file())).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void aNewerOneIsLeftAlone() throws SQLException {
        write();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA user_version = 99");
        }
        assertThatThrownBy(() -> new SqliteClaims(file()).close())
                .isInstanceOf(ClaimsUnavailable.class)
                .hasMessageContaining("a newer Pydron has written it (version 99)");
    }

    /// Writes claims until it is killed, and says each that is written.
    static final class Writer {
        private Writer() {}

        public static void main(String[] arguments) {
            try (Claims claims = new SqliteClaims(Path.of(arguments[0]))) {
                for (int i = 0; ; i++) {
                    claims.write(List.of(
                            new Change.Put(claim("c" + (100_000 + i), new ClaimState.Requested(NOW, 1))),
                            new Change.Tick(NOW.plusMillis(i))));
                    System.out.println(i);
                }
            }
        }
    }

    @Test
    void whatIsWrittenOutlivesAKilledProcess() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName(),
                        file().toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> said = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                said.add(line);
                if (said.size() == 100) {
                    process.toHandle().destroyForcibly(); // The process's own method would also close the pipe.
                }
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(said).hasSizeGreaterThanOrEqualTo(100);
        int last = Integer.parseInt(said.get(said.size() - 1));
        try (Claims claims = new SqliteClaims(file())) {
            assertThat(claims.open()).hasSizeBetween(last + 1, last + 2);
            assertThat(claims.tick()).isEqualTo(NOW.plusMillis(claims.open().size() - 1));
        }
    }
}
