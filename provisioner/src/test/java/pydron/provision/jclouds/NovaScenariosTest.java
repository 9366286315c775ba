package pydron.provision.jclouds;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.provision.cloud.Check;
import pydron.provision.cloud.Launch;
import pydron.provision.cloud.LaunchRequest;
import pydron.provision.cloud.Listing;
import pydron.provision.cloud.Offer;
import pydron.provision.cloud.Removal;
import pydron.provision.model.ClaimId;
import pydron.provision.model.Machine;
import pydron.provision.model.Money;
import pydron.provision.model.Pool;
import pydron.provision.model.Price;
import pydron.provision.model.Problem;
import pydron.provision.model.Resources;
import pydron.provision.model.Thing;
import pydron.provision.openstack.AccessFinder;
import pydron.provision.openstack.Json;
import pydron.provision.openstack.Session;
import pydron.provision.openstack.Surroundings;

/// What goes wrong on a real OpenStack, and what is only there.
@Tag("clouds")
class NovaScenariosTest {
    private static final NovaOptions DEBIAN = NovaOptions.image("debian-12");

    private final OpenStackLab lab = new OpenStackLab();
    private final String installation = "test-" + UUID.randomUUID().toString().substring(0, 13);
    private final Session session = lab.session(lab.user());
    private final NovaCloud cloud = new NovaCloud("lab", installation, DEBIAN, session, 500);
    private final List<Runnable> afterwards = new ArrayList<>();
    private int claims;

    @AfterEach
    void nothingStays() throws InterruptedException {
        afterwards.reversed().forEach(Runnable::run);
        for (int times = 0; !things(cloud).isEmpty(); times++) {
            assertThat(times).as("%s", things(cloud)).isLessThan(80);
            things(cloud).forEach(it -> cloud.remove(it.kind(), it.id()));
            Thread.sleep(250);
        }
        cloud.close();
    }

    private static List<Thing> things(NovaCloud cloud) {
        Listing listing = cloud.list();
        assertThat(listing).isInstanceOf(Listing.Seen.class);
        return ((Listing.Seen) listing)
                .things().stream().filter(it -> it.life() == Thing.Life.ALIVE).toList();
    }

    private LaunchRequest request(String type, String zone, String userData) {
        Pool pool = new Pool(
                "pool",
                new Machine("lab", type, zone),
                new Resources(1, 1L << 30, 0),
                new Price(Money.of("0.05"), false),
                Duration.ofSeconds(60));
        return new LaunchRequest(new ClaimId(installation + "-" + claims++), pool, Duration.ofMinutes(10), userData);
    }

    private String started(NovaCloud on) {
        Launch launch = on.start(request("m1.tiny", "", "#!/bin/sh\ntrue\n"));
        assertThat(launch).isInstanceOf(Launch.Started.class);
        return ((Launch.Started) launch).instance().value();
    }

    private static Problem problem(Launch launch) {
        assertThat(launch).isInstanceOf(Launch.Failed.class);
        return ((Launch.Failed) launch).problem();
    }

    private Problem refused(NovaOptions options, String zone) {
        try (NovaCloud other = new NovaCloud("lab", installation, options, lab.session(lab.user()), 500)) {
            return problem(other.start(request("m1.tiny", zone, "")));
        }
    }

    private static NovaOptions.Network net(List<String> networks, List<String> groups, String floating) {
        return new NovaOptions.Network(networks, groups, floating);
    }

    private NovaCloud with(UnaryOperator<Map<String, String>> change) {
        return new NovaCloud("lab", installation, DEBIAN, lab.session(change.apply(new HashMap<>(lab.user()))), 500);
    }

    private static UnaryOperator<Map<String, String>> set(String name, String value) {
        return variables -> {
            variables.put(name, value);
            return variables;
        };
    }

    @Test
    void theServerIsAsAskedFor() {
        String id = started(cloud);
        JsonObject server = lab.call("GET", "compute", "/servers/" + id, "").getAsJsonObject("server");
        assertThat(server.get("name").getAsString()).isEqualTo("pydron-" + installation + "-0");
        JsonObject metadata = server.getAsJsonObject("metadata");
        assertThat(metadata.keySet())
                .containsExactlyInAnyOrder(
                        "pydron-installation", "pydron-claim", "pydron-cores", "pydron-per-hour", "pydron-until");
        assertThat(metadata.get("pydron-claim").getAsString()).isEqualTo(installation + "-0");
    }

    @Test
    void addressesAppear() throws InterruptedException {
        String id = started(cloud);
        List<String> addresses = List.of();
        for (int times = 0; times < 80 && addresses.isEmpty(); times++) {
            Thread.sleep(250);
            addresses = things(cloud).stream()
                    .filter(it -> it.id().equals(id))
                    .findFirst()
                    .orElseThrow()
                    .addresses();
        }
        assertThat(addresses).singleElement().asString().startsWith("198.18.");
    }

    @Test
    void publicAddressesComeFirstAndAreGivenBack() throws InterruptedException {
        NovaOptions options = NovaOptions.DEFAULT.with(net(List.of("private"), List.of(), "public"));
        try (NovaCloud other = new NovaCloud("lab", installation, options, lab.session(lab.user()), 500)) {
            String id = started(other);
            List<String> addresses = List.of();
            for (int times = 0; times < 80 && addresses.size() < 2; times++) {
                Thread.sleep(250);
                addresses = things(cloud).stream()
                        .filter(it -> it.id().equals(id))
                        .findFirst()
                        .orElseThrow()
                        .addresses();
            }
            assertThat(addresses).hasSize(2);
            assertThat(addresses.getFirst()).startsWith("198.18.1.");
            assertThat(addresses.getLast()).startsWith("198.18.0.");
            assertThat(things(cloud))
                    .filteredOn(it -> it.kind() == Thing.Kind.ADDRESS)
                    .singleElement()
                    .matches(it -> it.claim().orElseThrow().value().equals(installation + "-0"));
            assertThat(other.remove(Thing.Kind.INSTANCE, id)).isEqualTo(new Removal.Accepted());
            assertThat(things(cloud)).noneMatch(it -> it.kind() == Thing.Kind.ADDRESS);
        }
    }

    @Test
    void aServerWithoutAWayToTheOutsideIsNotKept() {
        String lonely = lab.call(
                        session,
                        "POST",
                        "network",
                        "/v2.0/networks",
                        "{\"network\":{\"name\":\"" + installation + "\"}}")
                .getAsJsonObject("network")
                .get("id")
                .getAsString();
        lab.call(
                session,
                "POST",
                "network",
                "/v2.0/subnets",
                "{\"subnet\":{\"network_id\":\"" + lonely + "\",\"ip_version\":4,\"cidr\":\"198.18.9.0/24\"}}");
        afterwards.add(() -> lab.deleteNetwork(session, lonely));
        assertThat(refused(DEBIAN.with(net(List.of(lonely), List.of(), "public")), "")
                        .text())
                .startsWith("refused: ")
                .contains("a router must connect them");
    }

    @Test
    void addressesOfNoServerAreFoundAndRemoved() {
        String outside = Json.objects(lab.call("GET", "network", "/v2.0/networks?name=public", ""), "networks")
                .getFirst()
                .get("id")
                .getAsString();
        for (String owner : List.of(installation, "another-" + installation)) {
            lab.call(
                    session,
                    "POST",
                    "network",
                    "/v2.0/floatingips",
                    "{\"floatingip\":{\"floating_network_id\":\"" + outside + "\",\"description\":\"pydron_" + owner
                            + "_lost\"}}");
        }
        try (NovaCloud other = new NovaCloud("lab", "another-" + installation, DEBIAN, session, 500)) {
            Thing theirs = things(other).getFirst();
            assertThat(cloud.remove(Thing.Kind.ADDRESS, theirs.id())).isEqualTo(new Removal.NotThere());
            assertThat(other.remove(Thing.Kind.ADDRESS, theirs.id())).isEqualTo(new Removal.Accepted());
        }
        Thing ours = things(cloud).getFirst();
        assertThat(ours.kind()).isEqualTo(Thing.Kind.ADDRESS);
        assertThat(cloud.remove(Thing.Kind.ADDRESS, ours.id())).isEqualTo(new Removal.Accepted());
        assertThat(things(cloud)).isEmpty();
    }

    @Test
    void noValidHostIsNoCapacityAndNothingStays() {
        String name = "huge-" + installation;
        JsonObject flavor = lab.call(
                        "POST",
                        "compute",
                        "/flavors",
                        "{\"flavor\":{\"name\":\"" + name + "\",\"vcpus\":1,\"ram\":99999999,\"disk\":1}}")
                .getAsJsonObject("flavor");
        afterwards.add(() ->
                lab.call("DELETE", "compute", "/flavors/" + flavor.get("id").getAsString(), ""));
        Problem problem = problem(cloud.start(request(name, "", "")));
        assertThat(problem).isInstanceOf(Problem.NoCapacity.class);
        assertThat(problem.detail()).contains("No valid host was found");
        assertThat(things(cloud)).isEmpty();
    }

    @Test
    void theQuotaIsNamedWithItsNumbers() {
        afterwards.add(lab::resetQuota);
        long used = lab.used();
        lab.quota("instances", used);
        assertThat(problem(cloud.start(request("m1.tiny", "", ""))))
                .isInstanceOfSatisfying(Problem.QuotaExceeded.class, it -> {
                    assertThat(it.quota()).isEqualTo("instances");
                    assertThat(it.detail())
                            .startsWith(used + " of " + used + " used, 1 more needed; the project's admin");
                });
        lab.quota("instances", used + 5);
        lab.quota("cores", 3);
        assertThat(problem(cloud.start(request("m1.large", "", ""))))
                .isInstanceOfSatisfying(
                        Problem.QuotaExceeded.class,
                        it -> assertThat(it.quota()).isEqualTo("cores"));
        assertThat(things(cloud)).isEmpty();
    }

    @Test
    void whatIsNotThereIsNamed() {
        assertThat(problem(cloud.start(request("m9.none", "", ""))).text())
                .isEqualTo("refused: there is no flavor 'm9.none'; there are: m1.tiny, m1.small, m1.medium, m1.large");
        assertThat(refused(NovaOptions.image("windows"), "").text())
                .isEqualTo("refused: there is no image 'windows'; there are: debian-12");
        assertThat(refused(DEBIAN.with(net(List.of("dmz"), List.of(), "")), "").text())
                .isEqualTo("refused: there is no network 'dmz'; there are: private, public");
        assertThat(refused(DEBIAN.with(net(List.of(), List.of("walls"), "")), ""))
                .isInstanceOf(Problem.Refused.class)
                .extracting(Problem::detail)
                .asString()
                .contains("walls");
        assertThat(refused(new NovaOptions("debian-12", NovaOptions.Network.ANY, "lost-key", false), ""))
                .isInstanceOf(Problem.Refused.class);
        assertThat(refused(DEBIAN, "mars").text()).startsWith("refused: ").contains("availability zone");
        assertThat(problem(cloud.start(request("m1.tiny", "", "x".repeat(48_001))))
                        .text())
                .isEqualTo("refused: user data has 48001 bytes, and may have 48000");
        assertThat(things(cloud)).isEmpty();
    }

    @Test
    void networksAndGroupsByNameAndIdentity() {
        String network = Json.objects(lab.call("GET", "network", "/v2.0/networks?name=private", ""), "networks")
                .getFirst()
                .get("id")
                .getAsString();
        for (String name : List.of("private", network)) {
            try (NovaCloud other = new NovaCloud(
                    "lab",
                    installation,
                    new NovaOptions("debian-12", net(List.of(name), List.of("default"), ""), "", true),
                    lab.session(lab.user()),
                    500)) {
                started(other);
            }
        }
        assertThat(things(cloud)).hasSize(2);
    }

    @Test
    void aWrongPasswordIsToldFastAndNotTriedAgainAtOnce() {
        try (NovaCloud wrong = with(set("OS_PASSWORD", "wrong"))) {
            long begin = System.nanoTime();
            Listing listing = wrong.list();
            assertThat(System.nanoTime() - begin).isLessThan(5_000_000_000L);
            assertThat(listing).isInstanceOf(Listing.Failed.class);
            assertThat(((Listing.Failed) listing).problem().text())
                    .startsWith("not allowed: user 'burst' of domain 'Default' with project 'burst' of domain 'Default'"
                            + " is refused by http://127.0.0.1:")
                    .doesNotContain("wrong");
            begin = System.nanoTime();
            for (int i = 0; i < 20; i++) {
                wrong.list();
            }
            assertThat(System.nanoTime() - begin).isLessThan(500_000_000L);
        }
    }

    @Test
    void anAddressWithoutVersionIsMended() {
        String base = lab.user().get("OS_AUTH_URL").replace("/v3", "");
        try (NovaCloud other = with(set("OS_AUTH_URL", base))) {
            assertThat(things(other)).isEmpty();
        }
    }

    @Test
    void aRevokedTokenIsReplaced() {
        started(cloud);
        for (Function<NovaCloud, Object> call : List.<Function<NovaCloud, Object>>of(
                NovaScenariosTest::things, this::started, it -> it.check(List.of()))) {
            // One that Nova has not seen: it remembers good ones for five minutes.
            session.forget(session.token());
            String token = session.token();
            lab.revoke(session, token);
            assertThat(call.apply(cloud)).isNotNull();
            assertThat(session.token()).isNotEqualTo(token);
        }
        assertThat(things(cloud)).hasSize(2);
    }

    @Test
    void manyServersComeInPages() {
        for (int i = 0; i < 7; i++) {
            started(cloud);
        }
        try (NovaCloud paged = new NovaCloud("lab", installation, DEBIAN, lab.session(lab.user()), 2)) {
            assertThat(things(paged)).hasSize(7).doesNotHaveDuplicates();
        }
        try (NovaCloud paged = new NovaCloud("lab", "other-" + installation, DEBIAN, lab.session(lab.user()), 2)) {
            assertThat(things(paged)).isEmpty();
        }
    }

    @Test
    void whatFailedOrStoppedIsStillToBeRemoved() throws InterruptedException {
        String stopped = started(cloud);
        String failed = started(cloud);
        Thread.sleep(1500);
        lab.call("POST", "compute", "/servers/" + stopped + "/action", "{\"os-stop\":null}");
        lab.call("POST", "compute", "/servers/" + failed + "/action", "{\"os-resetState\":{\"state\":\"error\"}}");
        Thread.sleep(1500);
        assertThat(things(cloud)).hasSize(2).allMatch(it -> it.life() == Thing.Life.ALIVE);
        for (String id : List.of(stopped, failed)) {
            assertThat(cloud.remove(Thing.Kind.INSTANCE, id)).isEqualTo(new Removal.Accepted());
        }
    }

    @Test
    void keyPairsAndGroupsAreListedAndRemoved() {
        String label = "pydron_" + installation + "_claim-1";
        String foreign = "pydron_another-" + installation + "_claim-1";
        for (String name : List.of(label, foreign)) {
            lab.call(session, "POST", "compute", "/os-keypairs", "{\"keypair\":{\"name\":\"" + name + "\"}}");
            lab.call(
                    session,
                    "POST",
                    "network",
                    "/v2.0/security-groups",
                    "{\"security_group\":{\"name\":\"" + name + "\"}}");
        }
        assertThat(things(cloud))
                .extracting(Thing::kind)
                .containsExactlyInAnyOrder(Thing.Kind.KEY_PAIR, Thing.Kind.SECURITY_GROUP);
        assertThat(things(cloud))
                .allMatch(it -> it.claim().orElseThrow().value().equals("claim-1"));
        assertThat(cloud.remove(Thing.Kind.KEY_PAIR, foreign)).isEqualTo(new Removal.NotThere());
        try (NovaCloud other = new NovaCloud("lab", "another-" + installation, DEBIAN, session, 500)) {
            List<Thing> theirs = things(other);
            assertThat(theirs).hasSize(2);
            theirs.forEach(it -> assertThat(cloud.remove(it.kind(), it.id())).isEqualTo(new Removal.NotThere()));
            theirs.forEach(it -> assertThat(other.remove(it.kind(), it.id())).isEqualTo(new Removal.Accepted()));
        }
        things(cloud).forEach(it -> assertThat(cloud.remove(it.kind(), it.id())).isEqualTo(new Removal.Accepted()));
        assertThat(things(cloud)).isEmpty();
    }

    @Test
    void identitiesThatAreNone() {
        for (Thing.Kind kind : Thing.Kind.values()) {
            for (String id : List.of("", "..", "../flavors", "a b", "x?y=z", "none", "x".repeat(300))) {
                assertThat(cloud.remove(kind, id)).as("%s '%s'", kind, id).isEqualTo(new Removal.NotThere());
            }
        }
    }

    @Test
    void applicationCredentials(@TempDir Path folder) throws IOException {
        String user = Json.objects(lab.call("GET", "identity", "/users?name=burst", ""), "users")
                .getFirst()
                .get("id")
                .getAsString();
        String name = "cred-" + installation;
        JsonObject credential = lab.call(
                        session,
                        "POST",
                        "identity",
                        "/users/" + user + "/application_credentials",
                        "{\"application_credential\":{\"name\":\"" + name + "\",\"secret\":\"top-secret\"}}")
                .getAsJsonObject("application_credential");
        String id = credential.get("id").getAsString();
        afterwards.add(
                () -> lab.call(session, "DELETE", "identity", "/users/" + user + "/application_credentials/" + id, ""));
        Files.writeString(
                folder.resolve("clouds.yaml"), """
                clouds:
                  by-id:
                    auth_type: v3applicationcredential
                    auth: {auth_url: '%1$s', application_credential_id: %2$s, application_credential_secret: top-secret}
                  by-name:
                    auth_type: v3applicationcredential
                    auth:
                      auth_url: '%1$s'
                      application_credential_name: %3$s
                      username: burst
                      user_domain_name: Default
                      application_credential_secret: top-secret
                  wrong:
                    auth_type: v3applicationcredential
                    auth: {auth_url: '%1$s', application_credential_id: %2$s, application_credential_secret: guessed}
                """.formatted(lab.user().get("OS_AUTH_URL"), id, name));
        Surroundings here = new Surroundings(Map.of(), folder, folder, folder);
        for (String each : List.of("by-id", "by-name")) {
            try (NovaCloud other =
                    NovaCloud.open("lab", installation, new AccessFinder(here).named(each, ""), DEBIAN)) {
                String server = started(other);
                assertThat(other.remove(Thing.Kind.INSTANCE, server)).isEqualTo(new Removal.Accepted());
            }
        }
        try (NovaCloud other = NovaCloud.open("lab", installation, new AccessFinder(here).named("wrong", ""), DEBIAN)) {
            assertThat(other.list())
                    .isInstanceOfSatisfying(
                            Listing.Failed.class,
                            it -> assertThat(it.problem())
                                    .isInstanceOf(Problem.Unauthorized.class)
                                    .extracting(Problem::detail)
                                    .asString()
                                    .startsWith("application credential '" + id + "' is refused by")
                                    .doesNotContain("guessed"));
        }
    }

    @Test
    void aWrongPlaceIsNoEmptyCloud() {
        started(cloud);
        String nova = session.endpoint("compute").toString();
        for (String place : List.of(nova + "/nothing", "http://127.0.0.1:1/v2.1", "http://no.such.host.invalid/v2.1")) {
            try (NovaCloud other = with(set("OS_COMPUTE_ENDPOINT_OVERRIDE", place))) {
                assertThat(other.list()).as(place).isInstanceOf(Listing.Failed.class);
                assertThat(problem(other.start(request("m1.tiny", "", ""))))
                        .as(place)
                        .isNotNull();
            }
        }
        try (NovaCloud other = with(set("OS_REGION_NAME", "Mars"))) {
            assertThat(other.list())
                    .isInstanceOfSatisfying(
                            Listing.Failed.class,
                            it -> assertThat(it.problem().text())
                                    .isEqualTo(
                                            "refused: there is no region 'Mars', but RegionOne: set region_name in the variables OS_*"));
        }
        assertThat(things(cloud)).hasSize(1);
    }

    @Test
    void checksSayWhatIsThere() {
        List<Check> lines = cloud.check(List.of(request("m1.tiny", "nova", "").pool()));
        assertThat(lines)
                .extracting(Check::what)
                .containsExactly("credentials", "clock", "quota", "image", "pool pool", "network", "security group");
        assertThat(lines)
                .filteredOn(it -> it.outcome() != Check.Outcome.GOOD)
                .extracting(Check::what)
                .containsExactly("pool pool", "security group"); // memory; no rule for SSH
        assertThat(lines.get(2).text()).matches("left: \\d+ instances, \\d+ cores, any number of MB memory");
    }

    @Test
    void checksSayWhatIsWrong() {
        afterwards.add(lab::resetQuota);
        lab.quota("instances", lab.used());
        try (NovaCloud other = new NovaCloud(
                "lab",
                installation,
                NovaOptions.image("windows").with(net(List.of("dmz"), List.of("walls"), "")),
                lab.session(lab.user()),
                500)) {
            List<Check> lines = other.check(List.of(
                    request("m9.none", "", "").pool(),
                    request("m1.tiny", "mars", "").pool()));
            assertThat(lines)
                    .filteredOn(it -> it.outcome() == Check.Outcome.BAD)
                    .extracting(Check::text)
                    .satisfiesExactly(
                            quota -> assertThat(quota)
                                    .contains("left: 0 instances")
                                    .contains("too little"),
                            image -> assertThat(image).startsWith("there is no image 'windows'"),
                            flavor -> assertThat(flavor).startsWith("there is no flavor 'm9.none'"),
                            zone -> assertThat(zone).contains("there is no zone 'mars'; there are: nova"),
                            network -> assertThat(network).startsWith("there is no network 'dmz'"),
                            group -> assertThat(group).isEqualTo("there is no security group 'walls'"));
        }
        try (NovaCloud wrong = with(set("OS_PASSWORD", "wrong"))) {
            assertThat(wrong.check(List.of())).singleElement().satisfies(it -> {
                assertThat(it.what()).isEqualTo("credentials");
                assertThat(it.outcome()).isEqualTo(Check.Outcome.BAD);
            });
            assertThat(wrong.offers()).isEmpty();
        }
    }

    @Test
    void offersAreTheFlavors() {
        assertThat(cloud.offers())
                .extracting(Offer::type)
                .containsSubsequence("m1.tiny", "m1.small", "m1.medium", "m1.large");
        assertThat(cloud.offers())
                .filteredOn(it -> it.type().equals("m1.large"))
                .extracting(Offer::size)
                .containsExactly(new Resources(4, 8L << 30, 0));
    }
}
