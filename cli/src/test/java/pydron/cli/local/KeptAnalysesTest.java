package pydron.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptAnalysesTest {
    @TempDir
    Path folder;

    private Path build(String name, int files, Duration age) throws IOException {
        Path build = Files.createDirectory(folder.resolve(name));
        for (int i = 0; i < files; i++) {
            old(Files.createFile(build.resolve(String.format("%04d", i))), age.minusMillis(i));
        }
        old(build, age);
        return build;
    }

    private static void old(Path file, Duration age) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(it -> it.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void buildsThatAreGoneAreForgotten() throws IOException {
        Path own = build("own", 3, Duration.ofDays(9));
        build("before", 3, Duration.ofDays(2));
        build("another", 3, Duration.ofHours(2));
        KeptAnalyses.tidy(own);
        assertThat(names(folder)).containsExactly("another", "own");
        assertThat(names(own)).hasSize(3);
    }

    @Test
    void theOldestGoWhenThereAreTooMany() throws IOException {
        Path own = build("own", KeptAnalyses.MOST, Duration.ofDays(1));
        KeptAnalyses.tidy(own);
        assertThat(names(own)).hasSize(KeptAnalyses.MOST);
        Files.createFile(own.resolve("newest"));
        KeptAnalyses.tidy(own);
        assertThat(names(own)).hasSize(KeptAnalyses.MOST / 2).contains("newest", "1999", "1001");
        assertThat(names(own)).doesNotContain("0000", "1000");
    }

    @Test
    void aFolderThatIsGoneIsNoTrouble() {
        KeptAnalyses.tidy(folder.resolve("none/none"));
    }
}
