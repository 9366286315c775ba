package pydron.provision.ec2;

import java.time.Instant;

/// Plays the machines: the stand-in tells it of their lives, each once. Called by a thread of the stand-in's own,
/// one call at a time.
public interface Hypervisor {
    /// @param userData as it was sent, decoded
    record Guest(String id, String type, String image, String zone, String userData) {}

    Hypervisor NONE = new Hypervisor() {
        @Override
        public String running(Guest guest) {
            return "";
        }

        @Override
        public void terminated(String id) {}
    };

    /// It has booted.
    ///
    /// @return its public address, empty for one that nobody answers at
    String running(Guest guest);

    void terminated(String id);

    /// A spot instance is told that it is taken back.
    ///
    /// @param at when it ends, whatever it does
    default void interrupted(String id, Instant at) {}

    /// What it has written to its console until now; nobody keeps that of machines that are gone.
    default String console(String id) {
        return "";
    }
}
