package pydron.provision.apply;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import pydron.provision.claims.Claims;
import pydron.provision.cloud.Cloud;
import pydron.provision.cloud.Listing;
import pydron.provision.model.Claim;
import pydron.provision.model.ClaimId;
import pydron.provision.model.InstanceId;
import pydron.provision.model.Thing;
import pydron.provision.plan.Hindrance;
import pydron.provision.plan.Holding;
import pydron.provision.plan.Inventory;
import pydron.provision.plan.Sight;
import pydron.provision.plan.Stray;
import pydron.provision.plan.Watch;
import pydron.provision.plan.WorkerView;

/// Brings together what the store, the clouds and the workers say. It remembers since when something has
/// been missing or superfluous, which begins anew with each process.
final class Observer {
    private final Claims claims;
    private final Collection<Cloud> clouds;
    private final Instant begin;
    private final TreeSet<String> tokens;
    private final TreeSet<String> listed = new TreeSet<>();
    private final Map<ClaimId, Instant> absentSince = new HashMap<>();
    private final TreeMap<Place, Sighting> sightings = new TreeMap<>(
            Comparator.comparing(Place::cloud).thenComparing(Place::kind).thenComparing(Place::id));

    private record Place(String cloud, Thing.Kind kind, String id) {}

    /// A thing of no claim. One list may lack what the one before had, so it stays until lists have lacked
    /// it for a while.
    private record Sighting(Stray stray, Instant last) {}

    Observer(Claims claims, Collection<Cloud> clouds, Instant begin) {
        this.claims = claims;
        this.clouds = clouds;
        this.begin = begin;
        tokens = clouds.stream()
                .filter(Cloud::honoursTokens)
                .map(Cloud::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /// @param missing how long something may not be listed and be there all the same
    /// @param troubles gets what clouds did not answer
    Inventory observe(Workers workers, Instant now, Duration missing, List<Trouble> troubles) {
        // Lists before claims: what is started while this runs is then no stray.
        Map<String, List<Thing>> lists = new TreeMap<>();
        for (Cloud cloud : clouds) {
            switch (cloud.list()) {
                case Listing.Seen seen -> lists.put(cloud.name(), seen.things());
                case Listing.Failed failed -> troubles.add(new Trouble(cloud.name(), "list", failed.problem()));
            }
        }
        listed.addAll(lists.keySet());
        Map<ClaimId, WorkerView> views = workers.view(now);
        Map<ClaimId, Hindrance> hindrances = workers.hindrances();
        List<Claim> open = claims.open();
        Map<ClaimId, Sight> sights = new HashMap<>();
        Map<ClaimId, Claim> byId = new HashMap<>();
        open.forEach(claim -> byId.put(claim.id(), claim));
        lists.forEach((cloud, things) -> {
            for (Thing thing : things) {
                Optional<Claim> owner = thing.claim().map(byId::get).filter(it -> owns(it, cloud, thing));
                if (owner.isPresent()) {
                    note(sights, owner.get(), thing);
                } else {
                    stray(cloud, thing, byId, now);
                }
            }
        });
        sightings.replaceAll((place, it) -> lists.containsKey(place.cloud()) ? it : new Sighting(it.stray(), now));
        sightings.values().removeIf(it -> !now.isBefore(it.last().plus(missing)));
        absentSince.keySet().retainAll(byId.keySet());
        List<Holding> holdings = new ArrayList<>();
        for (Claim claim : open) {
            Sight sight = sights.getOrDefault(claim.id(), new Sight.Unseen());
            if (sights.containsKey(claim.id())) {
                absentSince.remove(claim.id());
            } else if (lists.containsKey(claim.pool().machine().cloud())) {
                sight = new Sight.Absent(absentSince.computeIfAbsent(claim.id(), _ -> now));
            }
            holdings.add(new Holding(
                    claim,
                    sight,
                    Optional.ofNullable(views.get(claim.id())),
                    Optional.ofNullable(hindrances.get(claim.id()))));
        }
        List<Stray> strays = sightings.values().stream().map(Sighting::stray).toList();
        Watch watch = new Watch(begin, new TreeSet<>(listed), tokens);
        return new Inventory(watch, holdings, strays, claims.pools(), claims.spent());
    }

    /// What is no instance belongs to its claim as long as that is open.
    private void stray(String cloud, Thing thing, Map<ClaimId, Claim> open, Instant now) {
        Place place = new Place(cloud, thing.kind(), thing.id());
        boolean owned = thing.kind() != Thing.Kind.INSTANCE
                && thing.claim().filter(open::containsKey).isPresent();
        if (owned || thing.life() == Thing.Life.ENDED) {
            sightings.remove(place);
        } else {
            Sighting before = sightings.get(place);
            Instant since = before == null ? now : before.stray().since();
            sightings.put(place, new Sighting(new Stray(cloud, thing, since), now));
        }
    }

    /// An instance belongs to the claim that it is tagged with, unless the claim has another one.
    private static boolean owns(Claim claim, String cloud, Thing thing) {
        return thing.kind() == Thing.Kind.INSTANCE
                && claim.pool().machine().cloud().equals(cloud)
                && claim.state()
                        .instanceId()
                        .map(it -> it.value().equals(thing.id()))
                        .orElse(true);
    }

    private static void note(Map<ClaimId, Sight> sights, Claim claim, Thing thing) {
        InstanceId instance = new InstanceId(thing.id());
        switch (thing.life()) {
            case ALIVE -> sights.put(claim.id(), new Sight.Alive(instance));
            case ENDED -> sights.putIfAbsent(claim.id(), new Sight.Ended(instance));
        }
    }
}
