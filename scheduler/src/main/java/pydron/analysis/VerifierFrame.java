package pydron.analysis;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// One function of the driver's, the pipeline itself or a region, for {@link TemplateVerifier}: what it is given, and
/// the bodies
/// of `try` and of loops that are open at the present place.
final class VerifierFrame {
    final boolean region;
    final Set<String> given;
    /// Whose immutability was asked where the region begins.
    final Set<String> atoms;

    final List<VerifierState> attempts = new ArrayList<>();
    final List<Exits> loops = new ArrayList<>();

    VerifierFrame(boolean region, Collection<String> given) {
        this(region, given, List.of());
    }

    VerifierFrame(boolean region, Collection<String> given, Collection<String> atoms) {
        this.region = region;
        this.given = new LinkedHashSet<>(given);
        this.atoms = new LinkedHashSet<>(atoms);
    }

    /// The states in which a loop is left or goes on early.
    static final class Exits {
        VerifierState onBreak = VerifierState.dead();
        VerifierState onContinue = VerifierState.dead();
    }
}
