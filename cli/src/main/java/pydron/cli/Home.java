package pydron.cli;

import java.nio.file.Path;

/// The checkout, as the launcher has found it.
final class Home {
    private Home() {}

    static Path folder() {
        String home = System.getProperty("pydron.home");
        if (home == null) {
            throw new IllegalStateException("Pydron was not started by its launcher: system property pydron.home is not set");
        }
        return Path.of(home);
    }
}
