package pydron.provision.settings;

/// What is wrong with the settings.
///
/// @param line counted from 1
/// @param key with its tables, empty where the file is no TOML at all
public record SettingsProblem(int line, String key, String text) {
    @Override
    public String toString() {
        return "line " + line + (key.isEmpty() ? "" : ", " + key) + ": " + text;
    }
}
