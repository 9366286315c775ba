package pydron.service;

import java.util.Optional;

/// Decides whether a worker on an instance may join. Called on threads of the workers' service, before anything else
/// of the worker is looked at; must not wait for long.
@FunctionalInterface
public interface Admission {
    /// What a worker says of itself. Its certificate has been checked, and is made out to the claim.
    ///
    /// @param claim the recorded intent that started its machine
    /// @param token the secret that the machine was given with the claim
    /// @param workerId the same each time that this worker comes back
    record Applicant(String claim, String token, String workerId) {}

    /// Why it may not join, in words for the user; empty when it may.
    Optional<String> refusal(Applicant applicant);
}
