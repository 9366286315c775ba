package pydron.provision.cloud;

import pydron.provision.model.Thing;

/// One account at one provider, as far as one installation of Pydron sees it: adapters tag everything they
/// make with the installation and the claim, and list nothing else.
///
/// Nothing is thrown: what goes wrong is an answer, one of [pydron.provision.model.Problem]. An adapter
/// that cannot tell what came of a call says `Unknown`, and never calls a second time by itself. The
/// contract tests say the rest.
public interface Cloud {
    /// As the settings call it.
    String name();

    /// Whether a second start with the same claim gives the first one's instance.
    boolean honoursTokens();

    /// Starts one instance.
    Launch start(LaunchRequest request);

    /// Everything with the installation's tag. It may be some time behind; what has ended may be in it or
    /// not.
    Listing list();

    /// Ends an instance, deletes anything else. Doing so twice does no harm.
    Removal remove(Thing.Kind kind, String id);

    /// What an instance has written to its console, the end of it; empty where nobody tells. Asked about one that is
    /// to be removed because no worker has come from it.
    default String console(String instance) {
        return "";
    }
}
