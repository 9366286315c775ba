package pydron.provision.openstack;

import java.util.List;
import java.util.stream.Collectors;

/// What is wrong with how the user says where an OpenStack is and who they are: all of it at once. Never
/// contains a credential.
public final class BadAccess extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient List<Mistake> mistakes;

    /// @param where file, line and key, or a variable
    public record Mistake(String where, String what) {
        @Override
        public String toString() {
            return where + ": " + what;
        }
    }

    BadAccess(List<Mistake> mistakes) {
        super(mistakes.stream().map(Mistake::toString).collect(Collectors.joining("\n")));
        this.mistakes = List.copyOf(mistakes);
    }

    static BadAccess of(String where, String what) {
        return new BadAccess(List.of(new Mistake(where, what)));
    }

    public List<Mistake> mistakes() {
        return mistakes;
    }
}
