package pydron.provision.jclouds;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pydron.provision.cloud.Check;
import pydron.provision.cloud.Launch;
import pydron.provision.cloud.LaunchRequest;
import pydron.provision.cloud.Listing;
import pydron.provision.cloud.Removal;
import pydron.provision.jclouds.WireNova.Reply;
import pydron.provision.model.ClaimId;
import pydron.provision.model.InstanceId;
import pydron.provision.model.Machine;
import pydron.provision.model.Money;
import pydron.provision.model.Pool;
import pydron.provision.model.Price;
import pydron.provision.model.Problem;
import pydron.provision.model.Resources;
import pydron.provision.model.Thing;
import pydron.provision.openstack.AccessFinder;
import pydron.provision.openstack.Failure;
import pydron.provision.openstack.Session;
import pydron.provision.openstack.Surroundings;

/// Answers that a real OpenStack gives on a bad day.
class NovaWireTest {
    private static final LaunchRequest REQUEST = new LaunchRequest(
            new ClaimId("c"),
            new Pool(
                    "pool",
                    new Machine("wire", "m1.tiny", ""),
                    new Resources(1, 1 << 20, 0),
                    new Price(Money.ZERO, false),
                    Duration.ZERO),
            Duration.ofMinutes(10),
            "#!/bin/sh\n");

    private final Map<String, String> variables = new HashMap<>();
    private WireNova wire;
    private Session session;
    private NovaCloud cloud;

    @BeforeEach
    void open() throws IOException {
        wire = new WireNova();
        variables.putAll(Map.of(
                "OS_AUTH_URL", wire.address() + "/identity",
                "OS_USERNAME", "ada",
                "OS_PASSWORD", "sesame",
                "OS_PROJECT_NAME", "stars"));
        Path nowhere = Path.of("/nonexistent");
        session = new Session(() -> new AccessFinder(new Surroundings(variables, nowhere, nowhere, nowhere)).find(""));
        cloud = new NovaCloud("wire", "wire-test", NovaOptions.DEFAULT, session, 2);
    }

    @AfterEach
    void close() {
        cloud.close();
        wire.close();
    }

    private Problem notStarted() {
        Launch launch = cloud.start(REQUEST);
        assertThat(launch).isInstanceOf(Launch.Failed.class);
        return ((Launch.Failed) launch).problem();
    }

    private Problem notListed() {
        Listing listing = cloud.list();
        assertThat(listing).isInstanceOf(Listing.Failed.class);
        return ((Listing.Failed) listing).problem();
    }

    private static String error(String message) {
        return "{\"error\": {\"message\": \"" + message + "\"}}";
    }

    @Test
    void aGoodDay() {
        assertThat(cloud.start(REQUEST)).isEqualTo(new Launch.Started(new InstanceId("s1")));
        assertThat(cloud.list()).isInstanceOf(Listing.Seen.class);
    }

    @Test
    void aStartWithoutAClearAnswerIsNotMadeAgain() {
        for (Reply reply : new Reply[] {
            new Reply(500, error("oops")),
            new Reply(503, ""),
            new Reply(504, "<html><title>x</title>gateway</html>"),
            new Reply(0, ""),
            new Reply(202, "this is no JSON"),
            new Reply(202, "{}"),
        }) {
            long before = wire.calls("POST /nova/servers");
            wire.then("POST /nova/servers", reply);
            assertThat(notStarted()).as("%s", reply).isInstanceOf(Problem.Unknown.class);
            assertThat(wire.calls("POST /nova/servers") - before)
                    .as("%s", reply)
                    .isEqualTo(1);
        }
    }

    @Test
    void tooOften() {
        for (int status : new int[] {413, 429}) {
            wire.then("POST /nova/servers", new Reply(status, error("slow down"), Map.of("Retry-After", "7")));
            assertThat(notStarted()).isEqualTo(new Problem.Throttled(Duration.ofSeconds(7), "slow down"));
        }
        wire.then(
                "GET /nova/servers/detail", new Reply(429, "", Map.of("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT")));
        assertThat(notListed())
                .isInstanceOfSatisfying(
                        Problem.Throttled.class,
                        it -> assertThat(it.retryAfter()).isEqualTo(Duration.ofSeconds(30)));
    }

    @Test
    void refusalsByKind() {
        wire.always(
                "POST /nova/servers",
                403,
                error("Quota exceeded for cores, ram: Requested 4, 8192, but already used 18, 9"
                        + " of 20, 10 cores, ram"));
        assertThat(notStarted()).isInstanceOfSatisfying(Problem.QuotaExceeded.class, it -> {
            assertThat(it.quota()).isEqualTo("cores, ram");
            assertThat(it.detail()).startsWith("18, 9 of 20, 10 used, 4, 8192 more needed");
        });
        wire.always("POST /nova/servers", 403, error("Maximum number of ports exceeded"));
        assertThat(notStarted())
                .isInstanceOfSatisfying(
                        Problem.QuotaExceeded.class,
                        it -> assertThat(it.quota()).isEqualTo("ports"));
        wire.always(
                "POST /nova/servers",
                403,
                error("Policy doesn't allow os_compute_api:servers:create to be performed."));
        assertThat(notStarted())
                .isInstanceOfSatisfying(
                        Problem.Unauthorized.class,
                        it -> assertThat(it.detail()).contains("servers:create"));
        wire.always(
                "POST /nova/servers",
                409,
                error("Multiple possible networks found, use a Network ID to be more specific."));
        assertThat(notStarted()).isInstanceOf(Problem.Refused.class);
    }

    @Test
    void aListIsWholeOrNone() {
        String first =
                "{\"servers\": [" + WireNova.server("a", "ACTIVE", "") + "," + WireNova.server("b", "SHUTOFF", "")
                        + "], \"servers_links\": [{\"rel\": \"next\", \"href\": \"" + wire.address()
                        + "/nova/servers/detail?limit=2&marker=b\"}]}";
        String second = "{\"servers\": [" + WireNova.server("d", "ERROR", "") + "]}";
        wire.then("GET /nova/servers/detail", new Reply(200, first), new Reply(200, second));
        assertThat(cloud.list())
                .isInstanceOfSatisfying(
                        Listing.Seen.class,
                        it -> assertThat(it.things()).extracting(Thing::id).containsExactly("a", "b", "d"));
        for (Reply broken : new Reply[] {
            new Reply(500, ""), new Reply(404, error("none")), new Reply(400, error("marker [b] not found")),
            new Reply(0, ""), new Reply(200, "garbage"), new Reply(301, ""),
        }) {
            wire.then("GET /nova/servers/detail", new Reply(200, first), broken);
            assertThat(notListed()).as("%s", broken).isNotNull();
        }
    }

    @Test
    void whatWasDeletedIsFoundAmongWhatHasChanged() {
        wire.always("DELETE /nova/servers/s1", 204, "");
        assertThat(cloud.remove(Thing.Kind.INSTANCE, "s1")).isEqualTo(new Removal.Accepted());
        Reply none = new Reply(200, "{\"servers\": []}");
        String gone = "{\"servers\": [{\"id\": \"s1\", \"name\": \"pydron-c\", \"status\": \"DELETED\"},"
                + "{\"id\": \"s2\", \"name\": \"somebody-elses\", \"status\": \"DELETED\"},"
                + "{\"id\": \"s3\", \"name\": \"pydron-d\", \"status\": \"ACTIVE\"}]}";
        wire.then("GET /nova/servers/detail", none, new Reply(200, gone));
        assertThat(cloud.list())
                .isEqualTo(new Listing.Seen(List.of(new Thing(
                        Thing.Kind.INSTANCE,
                        "s1",
                        Optional.of(new ClaimId("c")),
                        Thing.Life.ENDED,
                        Thing.Footprint.NONE,
                        List.of()))));
        wire.then("GET /nova/servers/detail", none, new Reply(403, error("not for you")));
        assertThat(cloud.list()).isEqualTo(new Listing.Seen(List.of()));
    }

    @Test
    void pagesThatNeverEndDo() {
        wire.always(
                "GET /nova/servers/detail",
                200,
                "{\"servers\": [" + WireNova.server("a", "ACTIVE", "")
                        + "], \"servers_links\": [{\"rel\": \"next\", \"href\": \"" + wire.address()
                        + "/nova/servers/detail?marker=a\"}]}");
        assertThat(cloud.list())
                .isInstanceOfSatisfying(
                        Listing.Seen.class, it -> assertThat(it.things()).hasSize(1));
    }

    @Test
    void othersMayHaveWrittenAnything() {
        wire.always(
                "GET /nova/servers/detail",
                200,
                "{\"servers\": ["
                        + WireNova.server("a", "ACTIVE", "").replace("\"c\"", "\"" + "x".repeat(200) + "\"") + ","
                        + WireNova.server("b", "HIBERNATING", "").replace("\"pydron-claim\"", "\"pydron-cores\"")
                        + "]}");
        assertThat(cloud.list())
                .isInstanceOfSatisfying(
                        Listing.Seen.class,
                        seen -> assertThat(seen.things())
                                .hasSize(2)
                                .allMatch(it -> it.claim().isEmpty() && it.life() == Thing.Life.ALIVE));
    }

    @Test
    void aTokenIsReplacedOnce() {
        wire.then("GET /nova/servers/detail", new Reply(401, ""), new Reply(200, "{\"servers\": []}"));
        assertThat(cloud.list()).isInstanceOf(Listing.Seen.class);
        assertThat(wire.calls("POST /identity/v3/auth/tokens")).isEqualTo(2);
        long before = wire.calls("POST /nova/servers");
        wire.always("POST /nova/servers", 401, "");
        long begin = System.nanoTime();
        assertThat(notStarted()).isInstanceOf(Problem.Unauthorized.class);
        assertThat(System.nanoTime() - begin).isLessThan(4_000_000_000L);
        assertThat(wire.calls("POST /nova/servers") - before).isEqualTo(2);
    }

    @Test
    void aTokenIsRenewedBeforeItsEnd() {
        wire.expires = Instant.now().minusSeconds(1);
        cloud.list();
        long first = wire.calls("POST /identity/v3/auth/tokens");
        assertThat(first).isGreaterThan(1);
        wire.expires = Instant.now().plusSeconds(3600);
        cloud.list();
        cloud.list();
        assertThat(wire.calls("POST /identity/v3/auth/tokens")).isEqualTo(first + 1);
    }

    @Test
    void aRefusedPasswordIsNotTriedAgainUntilItChanges() {
        wire.always("POST /identity/v3/auth/tokens", 401, error("The request you have made requires authentication."));
        for (int i = 0; i < 5; i++) {
            assertThat(notListed()).isInstanceOf(Problem.Unauthorized.class);
        }
        assertThat(wire.calls("POST /identity/v3/auth/tokens")).isEqualTo(1);
        variables.put("OS_PASSWORD", "another");
        assertThat(notListed()).isInstanceOf(Problem.Unauthorized.class);
        assertThat(wire.calls("POST /identity/v3/auth/tokens")).isEqualTo(2);
    }

    @Test
    void whatIdentityServicesAnswer() {
        Map<Integer, Class<? extends Problem>> answers = Map.of(
                400, Problem.Refused.class,
                403, Problem.Unauthorized.class,
                404, Problem.Refused.class,
                429, Problem.Throttled.class,
                500, Problem.Unknown.class,
                200, Problem.Refused.class);
        answers.forEach((status, problem) -> {
            wire.always("POST /identity/v3/auth/tokens", status, "{}");
            variables.put("OS_PASSWORD", "for " + status);
            assertThat(notListed()).as("%s", status).isInstanceOf(problem);
        });
    }

    @Test
    void severalRegions() {
        wire.regions = "east,west";
        assertThat(notListed().text())
                .isEqualTo(
                        "refused: there are several regions: set region_name in the variables OS_* to one of east, west");
        variables.put("OS_REGION_NAME", "west");
        variables.put("OS_PASSWORD", "new");
        try (Session session = new Session(() ->
                new AccessFinder(new Surroundings(variables, Path.of("/x"), Path.of("/x"), Path.of("/x"))).find(""))) {
            assertThat(session.endpoint("compute").getPath()).isEqualTo("/nova");
        }
    }

    @Test
    void aServerThatFailsIsDeletedAndItsFaultTold() {
        wire.always("DELETE /nova/servers/s1", 204, "");
        Map<String, Class<? extends Problem>> faults = Map.of(
                "{\"code\": 500, \"message\": \"No valid host was found.\"}", Problem.NoCapacity.class,
                "{\"code\": 500, \"message\": \"Exceeded maximum number of retries.\"}", Problem.NoCapacity.class,
                "{\"code\": 400, \"message\": \"Image i1 is unacceptable: too large\"}", Problem.Refused.class,
                "{\"code\": 403, \"message\": \"Maximum number of ports exceeded\"}", Problem.QuotaExceeded.class,
                "{}", Problem.NoCapacity.class);
        faults.forEach((fault, problem) -> {
            wire.always(
                    "GET /nova/servers/s1",
                    200,
                    "{\"server\": " + WireNova.server("s1", "ERROR", ", \"fault\": " + fault) + "}");
            assertThat(notStarted()).as(fault).isInstanceOf(problem);
        });
        assertThat(wire.calls("DELETE /nova/servers/s1")).isEqualTo(faults.size());
        wire.always("DELETE /nova/servers/s1", 500, "");
        assertThat(notStarted()).isInstanceOf(Problem.Unknown.class);
    }

    @Test
    void whatCannotBeLookedAtIsStartedAllTheSame() {
        for (Reply reply : new Reply[] {new Reply(500, ""), new Reply(0, ""), new Reply(404, "")}) {
            wire.then("GET /nova/servers/s1", reply);
            assertThat(cloud.start(REQUEST)).isEqualTo(new Launch.Started(new InstanceId("s1")));
        }
    }

    @Test
    void removalsThatFail() {
        wire.always("DELETE /nova/servers/s1", 409, error("Cannot delete while it is in task_state suspending"));
        assertThat(cloud.remove(Thing.Kind.INSTANCE, "s1"))
                .isInstanceOfSatisfying(
                        Removal.Failed.class, it -> assertThat(it.problem()).isInstanceOf(Problem.Refused.class));
        wire.always("DELETE /nova/servers/s1", 404, "");
        assertThat(cloud.remove(Thing.Kind.INSTANCE, "s1")).isEqualTo(new Removal.NotThere());
        wire.always("DELETE /nova/servers/s1", 0, "");
        assertThat(cloud.remove(Thing.Kind.INSTANCE, "s1")).isInstanceOf(Removal.Failed.class);
    }

    @Test
    void clocksThatDiffer() {
        Map.of(0, Check.Outcome.GOOD, 60, Check.Outcome.WARNING, -3600, Check.Outcome.BAD)
                .forEach((ahead, outcome) -> {
                    wire.ahead = Duration.ofSeconds(ahead);
                    variables.put("OS_PASSWORD", "for " + ahead);
                    session.forget(session.token());
                    assertThat(cloud.check(List.of()))
                            .filteredOn(it -> it.what().equals("clock"))
                            .singleElement()
                            .matches(it -> it.outcome() == outcome, outcome.toString());
                });
    }

    @Test
    void aFileWithoutCertificatesIsNamed(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("ca.pem"), "-----BEGIN CERTIFICATE-----\nnone\n");
        variables.put("OS_CACERT", file.toString());
        assertThat(notListed())
                .isInstanceOfSatisfying(
                        Problem.Unauthorized.class,
                        it -> assertThat(it.detail()).startsWith("cacert: " + file + " holds no certificates"));
    }

    @Test
    void nothingIsWrittenToTheTerminal() {
        PrintStream before = System.err;
        ByteArrayOutputStream caught = new ByteArrayOutputStream();
        System.setErr(new PrintStream(caught, true, StandardCharsets.UTF_8));
        try {
            wire.always("POST /nova/servers", 500, error("oops"));
            wire.always("GET /nova/servers/detail", 0, "");
            cloud.start(REQUEST);
            cloud.list();
            try (NovaCloud lost = new NovaCloud(
                    "wire",
                    "wire-test",
                    NovaOptions.DEFAULT,
                    new Session(() -> {
                        throw new Failure(new Problem.Unauthorized("nobody"));
                    }),
                    2)) {
                assertThat(lost.list()).isEqualTo(new Listing.Failed(new Problem.Unauthorized("nobody")));
            }
        } finally {
            System.setErr(before);
        }
        assertThat(caught.toString(StandardCharsets.UTF_8)).isEmpty();
    }
}
