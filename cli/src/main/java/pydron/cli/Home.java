package pydron.cli;

import java.nio.file.Path;
import java.util.Optional;

/// The checkout, as the launcher has found it. There is none where the jars came inside the Python package.
public final class Home {
    private Home() {}

    public static Optional<Path> folder() {
        return Optional.ofNullable(System.getProperty("pydron.home")).map(Path::of);
    }
}
