package pydron.analysis;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import pydron.analysis.Val.Kind;
import pydron.analysis.ast.Expr;

/// Objects of library types that are made in the function, as far as the catalogue says what they are.
final class LibraryObjects {
    private final Evaluator in;
    /// Place to the type of what is made there.
    private final Map<Integer, String> types = new HashMap<>();
    /// Objects that may be of classes of the user's, by where they are made.
    private final Set<Integer> users = new TreeSet<>();
    /// Objects that some op changes, wherever that is.
    private final Set<Integer> everMutated;

    LibraryObjects(Evaluator in, Set<Integer> everMutated) {
        this.in = in;
        this.everMutated = everMutated;
    }

    /// An object that is new from here; the type is empty when it is not always the same.
    Val made(String type, Expr at, Val... parts) {
        Val made = in.fresh(at, parts);
        if (type.isEmpty()) {
            return made;
        }
        types.put(at.id(), type);
        return made.withKind(Kind.OBJECT);
    }

    /// The type of an object that was made here, if it is always the same.
    Optional<String> type(Val value) {
        if (value.kind() != Kind.OBJECT || value.external()) {
            return Optional.empty();
        }
        var found = value.sites().stream().map(types::get).distinct().toList();
        return found.size() == 1 ? Optional.ofNullable(found.get(0)) : Optional.empty();
    }

    /// What is made there may be of any class.
    void ofUsers(Expr at) {
        users.add(at.id());
    }

    boolean mayBeOfUsers(Val object) {
        return object.sites().stream().anyMatch(users::contains);
    }

    /// Whether something changes the object, what it holds, or what is made at `at`: then a call that turns out to do
    /// something else than planned could make a difference later on.
    boolean isChangedSomewhere(Val object, Expr at) {
        return everMutated.contains(at.id()) || in.state.reach(object).stream().anyMatch(everMutated::contains);
    }
}
