package pydron.cli.elastic;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import pydron.cli.CommandFailure;
import pydron.cli.ExitCode;
import pydron.provision.settings.InvalidSettings;
import pydron.provision.settings.Settings;
import pydron.provision.settings.SettingsProblem;
import pydron.provision.settings.SettingsReader;

/// The user's settings, which may change while a service runs.
public final class SettingsFile {
    private static final int MOST = 20;

    private record Stamp(FileTime changed, long size) {}

    private final Path file;
    private Optional<Stamp> stamp = Optional.empty();

    public SettingsFile(Path file) {
        this.file = file;
    }

    public Path path() {
        return file;
    }

    public boolean exists() {
        return Files.exists(file);
    }

    /// A file that is not there says nothing, and with nothing said nothing may start.
    ///
    /// @throws CommandFailure with all that is wrong, each with its line and key
    public Settings read() {
        try {
            return SettingsReader.read(text());
        } catch (InvalidSettings e) {
            throw new CommandFailure(
                    ExitCode.FAILED, "the settings '" + file + "' have mistakes", e, lines(e.problems()));
        }
    }

    /// What it holds; empty where it is not there.
    public String text() {
        stamp = stamp();
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            return "";
        } catch (java.nio.charset.CharacterCodingException e) {
            throw new CommandFailure(ExitCode.FAILED, "cannot read the settings '" + file + "': they are not UTF-8", e);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "cannot read the settings '" + file + "': " + reason(e), e);
        }
    }

    private static String reason(IOException e) {
        return e instanceof java.nio.file.AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
    }

    private static String[] lines(List<SettingsProblem> problems) {
        List<String> lines = new ArrayList<>();
        problems.stream().limit(MOST).map(SettingsProblem::toString).forEach(lines::add);
        if (problems.size() > MOST) {
            lines.add("and " + (problems.size() - MOST) + " more");
        }
        lines.add("'pydron config check' looks again; 'pydron config schema' has every key.");
        return lines.toArray(String[]::new);
    }

    /// Whether it is another file than when it was last read.
    boolean changed() {
        return !Objects.equals(stamp, stamp());
    }

    private Optional<Stamp> stamp() {
        try {
            return Optional.of(new Stamp(Files.getLastModifiedTime(file), Files.size(file)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
