package pydron.provision.join;

import java.time.Duration;
import java.util.List;

/// What is to be done next to get an instance's worker to join, and to keep it so.
sealed interface Step {
    record Pause(Duration length) implements Step {}

    /// See where an sshd answers, without logging in. For no longer than a moment.
    record Seek(List<Destination> among) implements Step {
        public Seek {
            among = List.copyOf(among);
        }
    }

    record LogIn(Destination to) implements Step {}

    record Probe() implements Step {}

    /// Bring the bundle for machines of this kind.
    ///
    /// @param python there, with which it can fetch the bundle by itself
    record Bring(String arch, String python) implements Step {}

    record Start(String bundle, String python) implements Step {}

    /// Look whether all is well.
    record Watch() implements Step {}

    /// Fetch what may say why there is no worker.
    record Ask() implements Step {}
}
