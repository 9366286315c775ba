package pydron.analysis;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/// What is known of the variables of one function of the driver's at one place, for {@link TemplateVerifier}.
final class VerifierState {
    /// They have a value, or a marker that says they have none, whatever way was taken.
    final Set<String> bound = new LinkedHashSet<>();
    /// They may have the marker.
    final Set<String> marked = new LinkedHashSet<>();
    /// They may be pending.
    final Set<String> pending = new LinkedHashSet<>();
    /// They were given a value since the function began, whatever way was taken.
    final Set<String> assigned = new LinkedHashSet<>();
    /// They may have been given one.
    final Set<String> everAssigned = new LinkedHashSet<>();
    /// Their value may be an old one, because a region keeps the new one for itself.
    final Set<String> stale = new LinkedHashSet<>();

    boolean dead;

    static VerifierState dead() {
        var state = new VerifierState();
        state.dead = true;
        return state;
    }

    VerifierState copy() {
        var copy = new VerifierState();
        copy.set(this);
        return copy;
    }

    private void set(VerifierState other) {
        bound.addAll(other.bound);
        marked.addAll(other.marked);
        pending.addAll(other.pending);
        assigned.addAll(other.assigned);
        everAssigned.addAll(other.everAssigned);
        stale.addAll(other.stale);
        dead = other.dead;
    }

    /// Either this or the other happened. Changes and returns this.
    VerifierState join(VerifierState other) {
        if (other.dead) {
            everAssigned.addAll(other.everAssigned);
            return this;
        }
        if (dead) {
            set(other);
            return this;
        }
        bound.retainAll(other.bound);
        assigned.retainAll(other.assigned);
        marked.addAll(other.marked);
        pending.addAll(other.pending);
        everAssigned.addAll(other.everAssigned);
        stale.addAll(other.stale);
        return this;
    }

    void assign(String name, boolean isPending) {
        bound.add(name);
        assigned.add(name);
        everAssigned.add(name);
        marked.remove(name);
        stale.remove(name);
        if (isPending) {
            pending.add(name);
        } else {
            pending.remove(name);
        }
    }

    void mark(String name) {
        assign(name, false);
        marked.add(name);
        assigned.remove(name);
        everAssigned.remove(name);
    }

    void unbind(String name) {
        assign(name, false);
        bound.remove(name);
    }

    /// The state at the beginning of a region that takes some of the variables.
    VerifierState within(Collection<String> ins, Set<String> markers) {
        var inner = new VerifierState();
        for (String name : markers) {
            inner.mark(name);
        }
        for (String name : ins) {
            inner.bound.add(name);
            inner.marked.remove(name);
            if (marked.contains(name)) {
                inner.marked.add(name);
            }
            if (pending.contains(name)) {
                inner.pending.add(name);
            }
        }
        return inner;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VerifierState state
                && dead == state.dead
                && bound.equals(state.bound)
                && marked.equals(state.marked)
                && pending.equals(state.pending)
                && assigned.equals(state.assigned)
                && everAssigned.equals(state.everAssigned)
                && stale.equals(state.stale);
    }

    @Override
    public int hashCode() {
        return bound.hashCode() * 31 + pending.hashCode();
    }
}
