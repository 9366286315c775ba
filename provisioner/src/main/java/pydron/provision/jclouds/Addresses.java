package pydron.provision.jclouds;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jclouds.openstack.nova.v2_0.domain.Address;
import org.jclouds.openstack.nova.v2_0.domain.Server;

/// A server's addresses, those first that a machine outside of the cloud is most likely to reach: floating
/// ones, what the cloud calls its access address, IPv4 before IPv6.
final class Addresses {
    private Addresses() {}

    static List<String> of(Server server) {
        List<Address> all = new ArrayList<>(server.getAddresses().values());
        all.sort(Comparator.comparing((Address it) -> !floating(it)).thenComparingInt(Address::getVersion));
        Set<String> result = new LinkedHashSet<>();
        all.stream().filter(Addresses::floating).map(Address::getAddr).forEach(result::add);
        if (server.getAccessIPv4() != null) {
            result.add(server.getAccessIPv4());
        }
        all.stream().map(Address::getAddr).forEach(result::add);
        if (server.getAccessIPv6() != null) {
            result.add(server.getAccessIPv6());
        }
        return List.copyOf(result);
    }

    private static boolean floating(Address address) {
        return address.getType().or("fixed").equals("floating");
    }
}
