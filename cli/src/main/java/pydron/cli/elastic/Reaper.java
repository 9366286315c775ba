package pydron.cli.elastic;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import pydron.provision.cloud.Cloud;
import pydron.provision.cloud.Listing;
import pydron.provision.cloud.Removal;
import pydron.provision.model.ClaimId;
import pydron.provision.model.Thing;

/// Finds by their tags, and removes, what belongs to this installation and to no instance that is wanted.
public final class Reaper {
    static final String FAILED = "could not be removed";

    private Reaper() {}

    /// @param what was or would be done, in words
    public record Found(String cloud, String kind, String id, String claim, String what) {}

    /// @param problems with clouds that could not be looked through
    public record Result(List<Found> found, List<String> problems) {
        public Result {
            found = List.copyOf(found);
            problems = List.copyOf(problems);
        }
    }

    /// @param open claims whose instances are not known to be gone: what is theirs stays
    /// @param dry only look
    public static Result reap(Collection<Cloud> clouds, Set<ClaimId> open, boolean dry) {
        List<Found> found = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (Cloud cloud : clouds) {
            switch (cloud.list()) {
                case Listing.Failed failed ->
                    problems.add(
                            "cloud '" + cloud.name() + "': " + failed.problem().text());
                case Listing.Seen seen -> {
                    for (Thing thing : seen.things()) {
                        if (thing.life() == Thing.Life.ALIVE
                                && thing.claim().filter(open::contains).isEmpty()) {
                            found.add(new Found(
                                    cloud.name(),
                                    thing.kind().toString(),
                                    thing.id(),
                                    thing.claim().map(ClaimId::value).orElse(""),
                                    dry ? "would be removed" : remove(cloud, thing, problems)));
                        }
                    }
                }
            }
        }
        return new Result(found, problems);
    }

    private static String remove(Cloud cloud, Thing thing, List<String> problems) {
        return switch (cloud.remove(thing.kind(), thing.id())) {
            case Removal.Accepted _ -> "removed";
            case Removal.NotThere _ -> "gone already";
            case Removal.Failed failed -> {
                problems.add(thing.kind() + " '" + thing.id() + "' of cloud '" + cloud.name() + "': "
                        + failed.problem().text());
                yield FAILED;
            }
        };
    }
}
