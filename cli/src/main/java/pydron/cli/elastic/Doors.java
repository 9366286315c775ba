package pydron.cli.elastic;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import pydron.provision.cloud.Check;
import pydron.provision.model.Address;
import pydron.provision.settings.CloudSettings;
import pydron.provision.settings.CloudSettings.Direct;
import pydron.service.SchedulerService;

/// Where this machine waits for workers that come without a tunnel, as the settings have it at the moment. Used by the
/// thread that makes rounds.
final class Doors implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Doors.class);

    /// Between two tries to open what could not be opened.
    private static final Duration AGAIN = Duration.ofSeconds(5);

    /// What troubles and checks of it are called.
    private static final String ADDRESS = "address";

    private static final String REFUSAL = "cannot wait for workers at ";

    /// Opens one.
    interface Opening {
        /// @param hosts by which workers know it
        SchedulerService.Door open(InetSocketAddress at, Set<String> hosts) throws IOException;
    }

    private record Open(Set<String> hosts, SchedulerService.Door door) {}

    private final Opening opening;
    private final Map<InetSocketAddress, Open> open = new LinkedHashMap<>();
    private final Map<Direct, String> troubles = new LinkedHashMap<>();
    private Set<Direct> wanted = Set.of();
    private long triedNanos;

    Doors(Opening opening) {
        this.opening = opening;
    }

    /// Opens and closes what has changed, and tries again what did not work.
    void keep(Set<Direct> now) {
        boolean again = !troubles.isEmpty() && System.nanoTime() - triedNanos > AGAIN.toNanos();
        if (now.equals(wanted) && !again) {
            return;
        }
        wanted = Set.copyOf(now);
        triedNanos = System.nanoTime();
        Map<Direct, String> before = Map.copyOf(troubles);
        troubles.clear();
        Map<InetSocketAddress, Set<Direct>> places = new LinkedHashMap<>();
        for (Direct one : wanted) {
            try {
                places(one)
                        .forEach(it -> places.computeIfAbsent(it, _ -> new LinkedHashSet<>())
                                .add(one));
            } catch (IOException e) {
                troubles.put(one, e.getMessage());
            }
        }
        for (InetSocketAddress at : List.copyOf(open.keySet())) {
            if (!places.containsKey(at)
                    || !hosts(places.get(at)).equals(open.get(at).hosts())) {
                open.remove(at).door().close();
                LOG.info("event=door-closed at={}", at);
            }
        }
        places.forEach(this::open);
        troubles.forEach((one, text) -> {
            if (!text.equals(before.get(one))) {
                LOG.warn("event=door-not-opened {}", text);
            }
        });
    }

    private static Set<String> hosts(Set<Direct> those) {
        return those.stream().map(it -> it.address().host()).collect(Collectors.toCollection(TreeSet::new));
    }

    private void open(InetSocketAddress at, Set<Direct> those) {
        if (open.containsKey(at)) {
            return;
        }
        try {
            open.put(at, new Open(hosts(those), opening.open(at, hosts(those))));
            LOG.info("event=door-opened at={}", at);
        } catch (IOException e) {
            String text = refusal(at, e);
            those.forEach(it -> troubles.put(it, text));
        }
    }

    private static String refusal(InetSocketAddress at, IOException e) {
        String whole = String.valueOf(
                e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
        String why = whole.substring(whole.lastIndexOf(": ") + 1).strip(); // Before it, what the system was asked for.
        return REFUSAL + written(at) + ": " + why + "; where another program has the port (another"
                + " user's service, perhaps), choose another one in 'address' or 'listen' of the cloud's settings";
    }

    /// Why nobody can come in there, for the user; empty when somebody can. Tries at once what has not been tried.
    String obstacle(Direct one) {
        if (!wanted.contains(one)) {
            Set<Direct> more = new HashSet<>(wanted);
            more.add(one);
            keep(more);
        }
        return troubles.getOrDefault(one, "");
    }

    /// All that is in the way, cloud by cloud.
    List<Status.Trouble> troubles(Map<String, CloudSettings> clouds) {
        List<Status.Trouble> result = new ArrayList<>();
        clouds.forEach((name, cloud) ->
                cloud.direct().map(troubles::get).ifPresent(it -> result.add(new Status.Trouble(name, ADDRESS, it))));
        return result;
    }

    /// Whether somebody can come in there, for who asks before any instance is started.
    ///
    /// @param running the service, which has its doors open; closed here
    static Check check(String cloud, Direct direct, Optional<Running> running) {
        try (Running service = running.orElse(null)) {
            List<InetSocketAddress> places = places(direct);
            String where = places.stream().map(Doors::written).collect(Collectors.joining(", "));
            String trouble = service == null
                    ? free(places)
                    : service.status().troubles().stream()
                            .filter(it -> it.cloud().equals(cloud) && it.what().equals(ADDRESS))
                            .map(Status.Trouble::text)
                            .collect(Collectors.joining("; "));
            return trouble.isEmpty()
                    ? new Check(
                            ADDRESS,
                            Check.Outcome.GOOD,
                            "instances connect to " + direct.address() + ", and this machine waits at " + where
                                    + "; whether they get through only an instance can tell")
                    : new Check(ADDRESS, Check.Outcome.BAD, trouble);
        } catch (IOException e) {
            return new Check(ADDRESS, Check.Outcome.BAD, e.getMessage());
        }
    }

    private static String written(InetSocketAddress at) {
        return new Address(at.getAddress().getHostAddress(), at.getPort()).toString();
    }

    /// Why not all of them are; empty when they are.
    private static String free(List<InetSocketAddress> places) {
        for (InetSocketAddress at : places) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(at);
            } catch (IOException e) {
                return refusal(at, e);
            }
        }
        return "";
    }

    /// Where this machine has to wait.
    ///
    /// @throws IOException in words for the user: there is no such place on this machine
    static List<InetSocketAddress> places(Direct direct) throws IOException {
        Address said = direct.listen().orElse(direct.address());
        InetAddress[] all;
        try {
            all = InetAddress.getAllByName(said.host());
        } catch (UnknownHostException e) {
            throw new IOException(REFUSAL + said + ": this machine does not know the name", e);
        }
        List<InetSocketAddress> places = new ArrayList<>();
        for (InetAddress one : all) {
            // A machine's own name often means its loopback, where nobody else comes.
            boolean reached = !one.isLoopbackAddress() || direct.listen().isPresent();
            if (one.isAnyLocalAddress() || reached && NetworkInterface.getByInetAddress(one) != null) {
                places.add(new InetSocketAddress(one, said.port()));
            }
        }
        if (places.isEmpty()) {
            throw new IOException(REFUSAL + said + ": " + all[0].getHostAddress()
                    + " is no address of this machine that others reach; it has " + String.join(", ", own())
                    + ". Say with 'listen' where to wait, like listen = \"0.0.0.0:" + said.port() + "\"");
        }
        return places;
    }

    /// Those that others may reach.
    private static List<String> own() throws SocketException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(it -> !it.isLoopbackAddress() && !it.isLinkLocalAddress())
                .map(InetAddress::getHostAddress)
                .sorted()
                .toList();
    }

    @Override
    public void close() {
        keep(Set.of());
    }
}
