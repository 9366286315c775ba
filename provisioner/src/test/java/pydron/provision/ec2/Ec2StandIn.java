package pydron.provision.ec2;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// EC2 on the wire: HTTP, the Query protocol, signatures, and the answers of one region as far as Pydron asks
/// for them; besides, the callers of STS, prices and quotas. What is not known is refused, parameters too.
public final class Ec2StandIn implements AutoCloseable {
    public static final String REGION = "eu-central-1";
    public static final String IDENTITY = "AKIAIOSFODNN7EXAMPLE";
    public static final String SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    /// What goes wrong next.
    public enum Trouble {
        /// The connection ends before anything is done.
        CUT_BEFORE,
        /// It is done, and the answer is lost.
        CUT_AFTER,
        THROTTLED,
        /// A reply of something in between that speaks no XML.
        GARBLED
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor();
    private final Region region;
    private final Calls.Account account = new Calls.Account();
    private final Calls calls;
    private final Lookups lookups;
    private final JsonCalls json;
    private final Signatures signatures = new Signatures(REGION);
    private final Map<String, List<RuntimeException>> failures = new ConcurrentHashMap<>();
    private final Map<String, List<Trouble>> troubles = new ConcurrentHashMap<>();
    private final Set<String> denied = ConcurrentHashMap.newKeySet();
    private final List<String> served = new CopyOnWriteArrayList<>();
    private volatile Duration skew = Duration.ZERO;

    private Ec2StandIn(HttpServer server, Hypervisor hypervisor) {
        this.server = server;
        this.region = new Region(REGION, () -> InstantSource.system().instant().plus(skew), hypervisor);
        this.calls = new Calls(region, account);
        this.lookups = new Lookups(region, account);
        this.json = new JsonCalls(region, account);
        signatures.put(IDENTITY, new Signatures.Key(SECRET, "", Instant.MAX));
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
        ticker.scheduleWithFixedDelay(region::tick, 20, 20, TimeUnit.MILLISECONDS);
    }

    /// On a port of loopback; 0 for any.
    public static Ec2StandIn start(int port, Hypervisor hypervisor) {
        try {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            return new Ec2StandIn(HttpServer.create(address, 0), hypervisor);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Override
    public void close() {
        server.stop(0);
        ticker.shutdownNow();
        threads.shutdownNow();
    }

    // What tests set.

    public void times(Duration boot, Duration shutdown, Duration visible, Duration notice) {
        region.times = new Region.Times(boot, shutdown, visible, notice);
    }

    /// @param cores of the quota on demand
    public void quota(int cores, int spotCores, int instances) {
        account.cores = cores;
        account.spotCores = spotCores;
        account.instances = instances;
    }

    /// @param zone `*` for all
    public void exhaust(String type, String zone) {
        account.exhausted.add(type + "@" + zone);
    }

    /// The account's policy allows everything but these, as in `ec2:RunInstances`.
    public void deny(String... actions) {
        denied.addAll(List.of(actions));
    }

    public void fail(String action, int status, String code, String message) {
        failures.computeIfAbsent(action, it -> new CopyOnWriteArrayList<>()).add(new ApiError(status, code, message));
    }

    public void trouble(String action, Trouble trouble, int times) {
        for (int i = 0; i < times; i++) {
            troubles.computeIfAbsent(action, it -> new CopyOnWriteArrayList<>()).add(trouble);
        }
    }

    /// How far its clock is before ours. Its `Date` header is Java's, and stays right.
    public void skew(Duration by) {
        skew = by;
    }

    /// @param session empty for lasting ones
    public void credentials(String identity, String secret, String session, Instant until) {
        signatures.put(identity, new Signatures.Key(secret, session, until));
    }

    /// Volumes, key pairs and groups that somebody made.
    public String volume(Map<String, String> tags) {
        synchronized (region) {
            Region.Volume volume = new Region.Volume(region.id("vol"), REGION + "a", tags, "", false);
            region.volumes.put(volume.id, volume);
            return volume.id;
        }
    }

    public String keyPair(String name, Map<String, String> tags) {
        synchronized (region) {
            region.keys.put(name, new Region.Named(region.id("key"), name, tags));
            return name;
        }
    }

    /// @param tags of which `port` opens one
    public String group(String name, Map<String, String> tags) {
        synchronized (region) {
            Region.Named group = new Region.Named(region.id("sg"), name, tags);
            region.groups.put(group.id(), group);
            return group.id();
        }
    }

    public void tag(String instance, Map<String, String> tags) {
        synchronized (region) {
            region.instances.get(instance).tags = tags;
        }
    }

    /// The cloud takes a spot instance back.
    public void interrupt(String instance) {
        synchronized (region) {
            region.interrupt(region.instances.get(instance));
        }
    }

    /// The machine shut itself down: its hypervisor says so.
    public void poweredOff(String instance) {
        synchronized (region) {
            region.end(region.instances.get(instance), region.now());
        }
    }

    // What tests look at.

    /// Actions that came in, refused ones too.
    public List<String> served() {
        return List.copyOf(served);
    }

    /// As EC2 calls the state of each instance.
    public Map<String, String> states() {
        synchronized (region) {
            Map<String, String> states = new java.util.LinkedHashMap<>();
            region.instances.forEach((id, it) -> states.put(id, it.state.text));
            return states;
        }
    }

    /// What the call said that made an instance.
    public String parameter(String instance, String name) {
        synchronized (region) {
            return region.instances.get(instance).params.get(name);
        }
    }

    /// Everything that is there and costs money or is in the way.
    public List<String> leftovers() {
        synchronized (region) {
            List<String> left = new ArrayList<>();
            region.instances.forEach((id, it) -> {
                if (it.state != Region.State.TERMINATED) {
                    left.add(id);
                }
            });
            left.addAll(region.volumes.keySet());
            left.addAll(region.keys.keySet());
            region.groups.values().stream()
                    .filter(it -> !it.name().equals("default"))
                    .forEach(it -> left.add(it.id()));
            return left;
        }
    }

    // The server.

    private void serve(HttpExchange exchange) {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String service = Signatures.service(exchange.getRequestHeaders());
            int status = 200;
            String answer;
            try {
                answer = answer(exchange, body);
            } catch (Cut cut) {
                return;
            } catch (ApiError error) {
                status = error.status;
                answer = error(service, error);
            }
            byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/xml;charset=UTF-8");
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        } catch (IOException e) {
            // The other side is gone.
            exchange.close();
        }
    }

    private static final class Cut extends RuntimeException {}

    private static String error(String service, ApiError error) {
        if (error.code.isEmpty()) {
            return error.getMessage();
        }
        return switch (service) {
            case "ec2" -> Xml.error(error);
            case "sts" -> Xml.errorOfSts(error);
            default -> "{\"__type\":\"" + error.code + "\",\"message\":\"" + error.getMessage() + "\"}";
        };
    }

    private String answer(HttpExchange exchange, byte[] body) {
        Signatures.Caller caller = signatures.check(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getRawPath(),
                exchange.getRequestHeaders(),
                body,
                region.now());
        String text = new String(body, StandardCharsets.UTF_8);
        if (!caller.service().equals("ec2") && !caller.service().equals("sts")) {
            String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
            String action = target.substring(target.indexOf('.') + 1);
            before(caller.service(), action);
            return json.answer(target, text);
        }
        Params params = Params.of(text);
        String action = params.required("Action");
        before(caller.service(), action);
        if (caller.service().equals("sts")) {
            return Xml.callerOfSts(caller.identity());
        } else if (!params.get("Version").equals("2016-11-15")) {
            throw ApiError.bad("NoSuchVersion", "The requested version (" + params.get("Version") + ") is not valid");
        }
        allowed(action, params);
        String answer;
        synchronized (region) {
            answer = ec2(action, params);
        }
        next(action, Trouble.CUT_AFTER);
        return answer;
    }

    private void before(String service, String action) {
        served.add(action);
        next(action, Trouble.CUT_BEFORE);
        if (next(action, Trouble.THROTTLED)) {
            throw new ApiError(503, "RequestLimitExceeded", "Request limit exceeded.");
        } else if (next(action, Trouble.GARBLED)) {
            throw new ApiError(502, "", "<html><body>Bad gateway<br></body></html>");
        }
        List<RuntimeException> queue = failures.getOrDefault(action, List.of());
        if (!queue.isEmpty()) {
            throw queue.removeFirst();
        } else if (denied.contains(service + ":" + action)) {
            throw denial(service + ":" + action);
        }
    }

    /// Whether this trouble comes now; a cut connection does not come back from here.
    private boolean next(String action, Trouble trouble) {
        List<Trouble> queue = troubles.getOrDefault(action, List.of());
        if (queue.isEmpty() || queue.getFirst() != trouble) {
            return false;
        }
        queue.removeFirst();
        if (trouble == Trouble.CUT_BEFORE || trouble == Trouble.CUT_AFTER) {
            throw new Cut();
        }
        return true;
    }

    private static ApiError denial(String action) {
        return new ApiError(
                403,
                "UnauthorizedOperation",
                "You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/astro is not "
                        + "authorized to perform: " + action + " on resource: arn:aws:ec2:eu-central-1:123456789012:*"
                        + " because no identity-based policy allows the " + action + " action. Encoded authorization"
                        + " failure message: " + "ab3dEF_".repeat(120));
    }

    /// Calls that need the permission for more than themselves.
    private void allowed(String action, Params params) {
        if (action.equals("RunInstances")) {
            boolean tags = params.has("TagSpecification.1.ResourceType");
            if (tags && denied.contains("ec2:CreateTags")) {
                throw denial("ec2:CreateTags");
            } else if (params.has("IamInstanceProfile.Name") && denied.contains("iam:PassRole")) {
                throw denial("iam:PassRole");
            }
        }
    }

    private String ec2(String action, Params params) {
        region.tick();
        return switch (action) {
            case "RunInstances" -> calls.run(params);
            case "TerminateInstances" -> calls.terminate(params);
            case "GetConsoleOutput" -> calls.console(params);
            case "DescribeInstances" -> calls.describeInstances(params);
            case "CreateTags" -> calls.createTags(params);
            case "DescribeVolumes" -> calls.describeVolumes(params);
            case "DeleteVolume" -> calls.deleteVolume(params);
            case "DescribeKeyPairs" -> calls.describeKeys(params);
            case "DeleteKeyPair" -> calls.deleteKey(params);
            case "DescribeSecurityGroups" -> calls.describeGroups(params);
            case "DeleteSecurityGroup" -> calls.deleteGroup(params);
            case "DescribeInstanceTypes" -> lookups.types(params);
            case "DescribeInstanceTypeOfferings" -> lookups.offerings(params);
            case "DescribeImages" -> lookups.images(params);
            case "DescribeSubnets" -> lookups.describeSubnets(params);
            case "DescribeAvailabilityZones" -> lookups.zones(params);
            case "DescribeRegions" -> lookups.regions(params);
            case "DescribeSpotPriceHistory" -> lookups.spotPrices(params);
            default ->
                throw ApiError.bad("InvalidAction", "The action " + action + " is not valid for this web service.");
        };
    }
}
