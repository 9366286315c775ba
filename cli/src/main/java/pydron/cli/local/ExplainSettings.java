package pydron.cli.local;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/// What the user wants to be told of a run.
///
/// @param format of what is written
/// @param file   where to; none: standard error, because standard output is the script's
/// @param tells  whether anything is written: it may all be for `assertParallel`
/// @param assertParallel whether places that keep the calls of a loop from running at the same time are an error
public record ExplainSettings(Format format, Optional<Path> file, boolean tells, boolean assertParallel) {
    public enum Format {
        TEXT,
        JSON,
        HTML
    }

    public ExplainSettings {
        Objects.requireNonNull(format);
        Objects.requireNonNull(file);
    }
}
