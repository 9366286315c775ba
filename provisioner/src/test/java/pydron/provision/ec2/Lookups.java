package pydron.provision.ec2;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// Calls about what the region has to offer.
final class Lookups {
    private static final Set<String> LIST = Set.of(
            "MaxResults",
            "NextToken",
            "Filter.N.Name",
            "Filter.N.Value.N",
            "InstanceType.N",
            "ImageId.N",
            "Owner.N",
            "SubnetId.N",
            "LocationType",
            "ProductDescription.N",
            "StartTime",
            "EndTime");

    private final Region region;
    private final Calls.Account account;

    Lookups(Region region, Calls.Account account) {
        this.region = region;
        this.account = account;
    }

    /// One for each zone.
    static List<String> subnets(Region region) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < region.zones().size(); i++) {
            ids.add("subnet-0123456789abcdef" + i);
        }
        return ids;
    }

    static void group(Xml xml, Region.Named it) {
        xml.text("ownerId", "123456789012").text("groupId", it.id()).text("groupName", it.name());
        xml.text("groupDescription", it.name()).text("vpcId", "vpc-0123456789abcdef0");
        String port = it.tags().getOrDefault("port", "");
        xml.set(
                "ipPermissions",
                port.isEmpty() ? List.of() : List.of(port),
                (x, p) -> x.text("ipProtocol", "tcp")
                        .text("fromPort", p)
                        .text("toPort", p)
                        .set("ipRanges", List.of("198.51.100.7/32"), (y, range) -> y.text("cidrIp", range)));
        xml.tags(it.tags());
    }

    String types(Params params) {
        params.onlyKnows(LIST);
        Calls.dryRun(params);
        List<String> wanted = params.list("InstanceType");
        for (String name : wanted) {
            if (Catalogue.type(name).isEmpty()) {
                throw ApiError.bad(
                        "InvalidInstanceType", "The following supplied instance types do not exist: [" + name + "]");
            }
        }
        Filters filters = new Filters(params);
        List<Catalogue.Type> found = Catalogue.TYPES.stream()
                .filter(it -> wanted.isEmpty() || wanted.contains(it.name()))
                .filter(it -> filters.matches(Map.of(), name -> switch (name) {
                    case "current-generation" -> List.of("true");
                    case "bare-metal" -> List.of("false");
                    default -> null;
                }))
                .toList();
        Xml xml = new Xml();
        String next = Page.of(params, found, page -> xml.set("instanceTypeSet", page, Lookups::type));
        return next(xml, next).response("DescribeInstanceTypes");
    }

    private static void type(Xml xml, Catalogue.Type it) {
        xml.text("instanceType", it.name()).text("currentGeneration", true).text("bareMetal", false);
        xml.in("supportedUsageClasses", () -> xml.text("item", "on-demand").text("item", "spot"));
        xml.in("processorInfo", () -> xml.in("supportedArchitectures", () -> xml.text("item", it.architecture())));
        xml.in("vCpuInfo", () -> xml.text("defaultVCpus", it.cores()));
        xml.in("memoryInfo", () -> xml.text("sizeInMiB", it.mebibytes()));
        if (it.gpus() > 0) {
            xml.in(
                    "gpuInfo",
                    () -> xml.set(
                            "gpus",
                            List.of(it),
                            (x, g) -> x.text("name", "A10G").text("count", g.gpus())));
        }
    }

    private static Xml next(Xml xml, String next) {
        return next.isEmpty() ? xml : xml.text("nextToken", next);
    }

    String offerings(Params params) {
        params.onlyKnows(LIST);
        Calls.dryRun(params);
        if (!params.get("LocationType").equals("availability-zone")) {
            throw ApiError.bad("InvalidParameterValue", "this stand-in knows offerings of zones");
        }
        Filters filters = new Filters(params);
        record Offering(String type, String zone) {}
        List<Offering> found = Catalogue.TYPES.stream()
                .flatMap(type -> region.zones().stream()
                        .filter(zone -> type.zones().contains(zone.substring(zone.length() - 1)))
                        .map(zone -> new Offering(type.name(), zone)))
                .filter(it -> filters.matches(Map.of(), name -> switch (name) {
                    case "instance-type" -> List.of(it.type());
                    case "location" -> List.of(it.zone());
                    default -> null;
                }))
                .toList();
        Xml xml = new Xml();
        String next = Page.of(
                params,
                found,
                page -> xml.set(
                        "instanceTypeOfferingSet",
                        page,
                        (x, it) -> x.text("instanceType", it.type())
                                .text("location", it.zone())
                                .text("locationType", "availability-zone")));
        return next(xml, next).response("DescribeInstanceTypeOfferings");
    }

    String images(Params params) {
        params.onlyKnows(LIST);
        Calls.dryRun(params);
        List<String> ids = params.list("ImageId");
        for (String id : ids) {
            if (!id.matches("ami-[0-9a-f]{8,17}")) {
                throw ApiError.bad("InvalidAMIID.Malformed", "Invalid id: \"" + id + "\" (expecting \"ami-...\")");
            } else if (Catalogue.image(id).isEmpty()) {
                throw ApiError.bad("InvalidAMIID.NotFound", "The image id '[" + id + "]' does not exist");
            }
        }
        Filters filters = new Filters(params);
        List<Catalogue.Image> found = Catalogue.IMAGES.stream()
                .filter(it -> ids.isEmpty() || ids.contains(it.id()))
                .filter(it ->
                        params.list("Owner").isEmpty() || params.list("Owner").contains(it.owner()))
                .filter(it -> filters.matches(Map.of(), name -> switch (name) {
                    case "name" -> List.of(it.name());
                    case "architecture" -> List.of(it.architecture());
                    case "state" -> List.of("available");
                    default -> null;
                }))
                .toList();
        Xml xml = new Xml();
        String next = Page.of(params, found, page -> xml.set("imagesSet", page, Lookups::image));
        return next(xml, next).response("DescribeImages");
    }

    private static void image(Xml xml, Catalogue.Image it) {
        xml.text("imageId", it.id()).text("imageOwnerId", it.owner()).text("name", it.name());
        xml.text("imageState", "available").text("isPublic", true).text("architecture", it.architecture());
        xml.text("creationDate", it.made()).text("rootDeviceType", "ebs").text("rootDeviceName", it.root());
        xml.set(
                "blockDeviceMapping",
                List.of(it),
                (x, d) -> x.text("deviceName", d.root())
                        .in("ebs", () -> x.text("volumeSize", d.gibibytes()).text("volumeType", "gp3")));
    }

    String describeSubnets(Params params) {
        params.onlyKnows(LIST);
        Calls.dryRun(params);
        List<String> all = subnets(region);
        List<String> ids = params.list("SubnetId");
        Optional<String> unknown = ids.stream().filter(it -> !all.contains(it)).findFirst();
        if (unknown.isPresent()) {
            throw ApiError.bad("InvalidSubnetID.NotFound", "The subnet ID '" + unknown.get() + "' does not exist");
        }
        Filters filters = new Filters(params);
        List<String> found = all.stream()
                .filter(it -> ids.isEmpty() || ids.contains(it))
                .filter(it -> filters.matches(Map.of(), name -> switch (name) {
                    case "default-for-az" -> List.of("true");
                    case "vpc-id" -> List.of("vpc-0123456789abcdef0");
                    default -> null;
                }))
                .toList();
        Xml xml = new Xml();
        String next = Page.of(
                params,
                found,
                page -> xml.set(
                        "subnetSet",
                        page,
                        (x, it) -> x.text("subnetId", it)
                                .text("vpcId", "vpc-0123456789abcdef0")
                                .text("state", "available")
                                .text("availabilityZone", region.zones().get(all.indexOf(it)))
                                .text("availableIpAddressCount", 4091)
                                .text("mapPublicIpOnLaunch", true)
                                .text("defaultForAz", true)));
        return next(xml, next).response("DescribeSubnets");
    }

    String zones(Params params) {
        params.onlyKnows(LIST);
        Calls.dryRun(params);
        Xml xml = new Xml();
        xml.set(
                "availabilityZoneInfo",
                region.zones(),
                (x, it) -> x.text("zoneName", it).text("zoneState", "available").text("regionName", region.name));
        return xml.response("DescribeAvailabilityZones");
    }

    String regions(Params params) {
        params.onlyKnows(LIST);
        Calls.dryRun(params);
        Xml xml = new Xml();
        xml.set(
                "regionInfo",
                List.of(region.name),
                (x, it) -> x.text("regionName", it)
                        .text("regionEndpoint", "ec2." + it + ".amazonaws.com")
                        .text("optInStatus", "opt-in-not-required"));
        return xml.response("DescribeRegions");
    }

    /// The present price of each type in each zone; the further down the alphabet, the cheaper.
    String spotPrices(Params params) {
        params.onlyKnows(LIST);
        Calls.dryRun(params);
        record Entry(Catalogue.Type type, String zone, double price) {}
        List<String> types = params.list("InstanceType");
        Function<String, Double> part = zone -> 1 - 0.1 * region.zones().indexOf(zone);
        List<Entry> found = Catalogue.TYPES.stream()
                .filter(it -> types.isEmpty() || types.contains(it.name()))
                .flatMap(type -> region.zones().stream()
                        .filter(zone -> type.zones().contains(zone.substring(zone.length() - 1)))
                        .map(zone -> new Entry(
                                type, zone, Double.parseDouble(type.perHour()) * account.spotShare * part.apply(zone))))
                .toList();
        Xml xml = new Xml();
        String next = Page.of(
                params,
                found,
                page -> xml.set(
                        "spotPriceHistorySet",
                        page,
                        (x, it) -> x.text("instanceType", it.type().name())
                                .text("productDescription", "Linux/UNIX")
                                .text("spotPrice", String.format(java.util.Locale.ROOT, "%.6f", it.price()))
                                .text("timestamp", region.now().toString())
                                .text("availabilityZone", it.zone())));
        // The real one ends its list with an empty token.
        return xml.text("nextToken", next).response("DescribeSpotPriceHistory");
    }
}
