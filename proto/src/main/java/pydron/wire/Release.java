package pydron.wire;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/// Which Pydron this is. Both sides of the workers' protocol have it from the very jar that they speak with.
public final class Release {
    private Release() {}

    /// As Maven knows it.
    public static String version() {
        Properties properties = new Properties();
        try (InputStream in = Release.class.getResourceAsStream("release.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new IllegalStateException("release.properties cannot be read from Pydron's own jar", e);
        }
        return properties.getProperty("version");
    }
}
