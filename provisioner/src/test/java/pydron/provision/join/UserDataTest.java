package pydron.provision.join;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.provision.model.Claim;

/// The user data as on a host of the user's own, which needs no machine of its own.
class UserDataTest {
    @TempDir
    Path folder;

    private Process run(Duration lease, String end) throws Exception {
        JoinKeys keys = JoinKeys.open(folder.resolve("keys"));
        Claim claim = Installation.claim("claim-u");
        String script = new UserData(keys).userData(claim, lease);
        assertThat(script.length()).isLessThan(12_000);
        Path file = folder.resolve("user-data");
        Files.writeString(file, script);
        ProcessBuilder builder = new ProcessBuilder("sh", file.toString());
        builder.environment().put("HOME", folder.toString());
        builder.environment().put("PYDRON_HOSTED", "1");
        builder.environment().put("PYDRON_END", end);
        builder.redirectErrorStream(true);
        builder.redirectOutput(folder.resolve("out").toFile());
        return builder.start();
    }

    @Test
    void theLeaseEndsWhatThereIsWithoutAWorker() throws Exception {
        Process process = run(Duration.ofSeconds(4), "echo \"$dir\" > '" + folder + "/ended'; rm -rf \"$dir\"");
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(Files.readString(folder.resolve("out")))
                .isZero();
        Path claim = folder.resolve(".pydron/claims/claim-u");
        assertThat(Files.readString(claim.resolve("token"))).hasSize(65);
        for (int i = 0; i < 100 && Files.exists(claim); i++) {
            Thread.sleep(100);
        }
        assertThat(Files.readString(folder.resolve("ended")).strip()).isEqualTo(claim.toString());
        assertThat(claim).doesNotExist();
    }

    @Test
    void whatIsPutIntoScriptsIsQuoted() throws Exception {
        String nasty =
                "'; touch " + folder.resolve("broken") + "; echo '$(touch " + folder.resolve("broken") + ")\n`x`";
        Process echo = new ProcessBuilder("sh", "-c", "printf %s " + Scripts.quote(nasty)).start();
        assertThat(new String(echo.getInputStream().readAllBytes())).isEqualTo(nasty);
        assertThat(folder.resolve("broken")).doesNotExist();
    }
}
