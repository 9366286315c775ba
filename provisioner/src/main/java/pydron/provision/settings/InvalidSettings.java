package pydron.provision.settings;

import java.util.List;
import java.util.stream.Collectors;

/// All that is wrong with the settings, in the order of the file.
public final class InvalidSettings extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<SettingsProblem> problems;

    InvalidSettings(List<SettingsProblem> problems) {
        super(problems.stream().map(SettingsProblem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    public List<SettingsProblem> problems() {
        return problems;
    }
}
