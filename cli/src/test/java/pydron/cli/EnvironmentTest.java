package pydron.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class EnvironmentTest {
    @Test
    void aLocaleThatWasSetComesBack() {
        assertThat(Environment.restored(Map.of("A", "b", "LC_ALL", "C.UTF-8", "PYDRON_LC_ALL", "=POSIX")))
                .isEqualTo(Map.of("A", "b", "LC_ALL", "POSIX"));
    }

    @Test
    void aLocaleThatWasNotSetGoes() {
        assertThat(Environment.restored(Map.of("LANG", "C", "LC_ALL", "C.UTF-8", "PYDRON_LC_ALL", "")))
                .isEqualTo(Map.of("LANG", "C"));
    }

    @Test
    void nothingIsTouchedWhereNothingWasReplaced() {
        assertThat(Environment.restored(Map.of("LC_ALL", "de_DE.UTF-8"))).isEqualTo(Map.of("LC_ALL", "de_DE.UTF-8"));
    }
}
