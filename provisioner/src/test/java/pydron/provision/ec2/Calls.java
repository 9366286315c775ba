package pydron.provision.ec2;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Calls about what an account has: instances, volumes, keys, groups.
final class Calls {
    private static final Set<String> RUN = Set.of(
            "ImageId",
            "InstanceType",
            "MinCount",
            "MaxCount",
            "ClientToken",
            "UserData",
            "Placement.AvailabilityZone",
            "SubnetId",
            "SecurityGroupId.N",
            "IamInstanceProfile.Name",
            "InstanceInitiatedShutdownBehavior",
            "MetadataOptions.HttpTokens",
            "MetadataOptions.HttpEndpoint",
            "CreditSpecification.CpuCredits",
            "BlockDeviceMapping.N.DeviceName",
            "BlockDeviceMapping.N.Ebs.DeleteOnTermination",
            "BlockDeviceMapping.N.Ebs.VolumeType",
            "BlockDeviceMapping.N.Ebs.VolumeSize",
            "BlockDeviceMapping.N.Ebs.Encrypted",
            "NetworkInterface.N.DeviceIndex",
            "NetworkInterface.N.DeleteOnTermination",
            "NetworkInterface.N.AssociatePublicIpAddress",
            "NetworkInterface.N.SubnetId",
            "NetworkInterface.N.SecurityGroupId.N",
            "InstanceMarketOptions.MarketType",
            "InstanceMarketOptions.SpotOptions.MaxPrice",
            "InstanceMarketOptions.SpotOptions.SpotInstanceType",
            "InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior",
            "TagSpecification.N.ResourceType",
            "TagSpecification.N.Tag.N.Key",
            "TagSpecification.N.Tag.N.Value");
    private static final Set<String> LIST =
            Set.of("MaxResults", "NextToken", "Filter.N.Name", "Filter.N.Value.N", "InstanceId.N", "GroupId.N");

    private final Region region;
    private final Account account;

    Calls(Region region, Account account) {
        this.region = region;
        this.account = account;
    }

    /// What the account may have.
    static final class Account {
        volatile int cores = 64;
        volatile int spotCores = 32;
        volatile int instances = Integer.MAX_VALUE;
        /// Types that cannot be had just now, as `type@zone`.
        final Set<String> exhausted = java.util.concurrent.ConcurrentHashMap.newKeySet();
        /// What is paid for spot, as a part of the price on demand.
        volatile double spotShare = 0.35;
    }

    static String userData(Params params) {
        return new String(Base64.getDecoder().decode(params.get("UserData")), StandardCharsets.UTF_8);
    }

    String run(Params params) {
        params.onlyKnows(RUN);
        Catalogue.Type type = Catalogue.type(params.required("InstanceType"))
                .orElseThrow(() -> ApiError.bad(
                        "InvalidParameterValue",
                        "Invalid value '" + params.get("InstanceType") + "' for InstanceType."));
        image(params, type);
        String zone = zone(params);
        checkRest(params);
        if (!type.zones().contains(zone.substring(zone.length() - 1))) {
            throw ApiError.bad(
                    "Unsupported",
                    "Your requested instance type (" + type.name()
                            + ") is not supported in your requested Availability Zone (" + zone + ").");
        }
        String token = params.get("ClientToken");
        Region.Token known = region.tokens.get(token);
        if (!token.isEmpty() && known != null) {
            if (!known.params().equals(params.canonical())) {
                throw ApiError.bad(
                        "IdempotentParameterMismatch",
                        "Arguments on this idempotent request are inconsistent with arguments used in previous "
                                + "request(s).");
            }
            return reservation("RunInstances", region.instances.get(known.instance()));
        }
        limits(params, type, zone);
        if (params.flag("DryRun")) {
            throw new ApiError(412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
        }
        Instant now = region.now();
        Region.Instance instance =
                new Region.Instance(region.id("i"), params, type, zone, now, now.plus(region.times.visible()));
        region.instances.put(instance.id, instance);
        if (!token.isEmpty()) {
            region.tokens.put(token, new Region.Token(params.canonical(), instance.id));
        }
        Region.Volume volume = new Region.Volume(
                region.id("vol"),
                zone,
                params.tags("volume"),
                instance.id,
                !params.get("BlockDeviceMapping.1.Ebs.DeleteOnTermination").equals("false"));
        region.volumes.put(volume.id, volume);
        return reservation("RunInstances", instance);
    }

    private static void image(Params params, Catalogue.Type type) {
        String id = params.required("ImageId");
        if (!id.matches("ami-[0-9a-f]{8,17}")) {
            throw ApiError.bad("InvalidAMIID.Malformed", "Invalid id: \"" + id + "\"");
        }
        Catalogue.Image image = Catalogue.image(id)
                .orElseThrow(() -> ApiError.bad("InvalidAMIID.NotFound", "The image id '[" + id + "]' does not exist"));
        if (!image.architecture().equals(type.architecture())) {
            throw ApiError.bad(
                    "InvalidParameterValue",
                    "The architecture '" + type.architecture()
                            + "' of the specified instance type does not match the architecture '"
                            + image.architecture() + "' of the specified AMI.");
        }
    }

    private String zone(Params params) {
        String subnet =
                params.get("SubnetId").isEmpty() ? params.get("NetworkInterface.1.SubnetId") : params.get("SubnetId");
        String zone = params.get("Placement.AvailabilityZone");
        if (!subnet.isEmpty()) {
            int index = Lookups.subnets(region).indexOf(subnet);
            if (index < 0) {
                throw ApiError.bad("InvalidSubnetID.NotFound", "The subnet ID '" + subnet + "' does not exist");
            } else if (!zone.isEmpty() && !region.zones().get(index).equals(zone)) {
                throw ApiError.bad("InvalidParameterValue", "The subnet " + subnet + " is not in zone " + zone);
            }
            return region.zones().get(index);
        } else if (!zone.isEmpty() && !region.zones().contains(zone)) {
            throw ApiError.bad("InvalidParameterValue", "Invalid availability zone: [" + zone + "]");
        }
        return zone.isEmpty() ? region.zones().get(1) : zone;
    }

    private void checkRest(Params params) {
        boolean one =
                params.get("MinCount").equals("1") && params.get("MaxCount").equals("1");
        if (!one) {
            throw ApiError.bad("InvalidParameterValue", "this stand-in starts one at a time");
        } else if (params.has("NetworkInterface.1.DeviceIndex")
                && (params.has("SubnetId") || params.has("SecurityGroupId.1"))) {
            throw ApiError.bad(
                    "InvalidParameterCombination",
                    "Network interfaces and an instance-level subnet ID may not be specified on the same request");
        } else if (params.get("ClientToken").length() > 64
                || !params.get("ClientToken").chars().allMatch(c -> c > 31 && c < 127)) {
            throw ApiError.bad("InvalidParameterValue", "Invalid client token");
        }
        Stream.concat(
                        params.list("SecurityGroupId").stream(),
                        params.list("NetworkInterface.1.SecurityGroupId").stream())
                .filter(it -> !region.groups.containsKey(it))
                .findFirst()
                .ifPresent(it -> {
                    throw ApiError.bad("InvalidGroup.NotFound", "The security group '" + it + "' does not exist");
                });
        if (params.has("IamInstanceProfile.Name")
                && !params.get("IamInstanceProfile.Name").equals("pydron-worker")) {
            throw ApiError.bad(
                    "InvalidParameterValue",
                    "Value (" + params.get("IamInstanceProfile.Name")
                            + ") for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name");
        }
        userData(params);
        params.tags("instance");
    }

    private void limits(Params params, Catalogue.Type type, String zone) {
        boolean spot = params.get("InstanceMarketOptions.MarketType").equals("spot");
        long alive = region.instances.values().stream().filter(it -> !it.over()).count();
        if (alive >= account.instances) {
            throw ApiError.bad(
                    "InstanceLimitExceeded",
                    "You have requested more instances (" + (alive + 1) + ") than your current instance limit of "
                            + account.instances + " allows for the specified instance type.");
        } else if (spot && region.cores(type.bucket(), true) + type.cores() > account.spotCores) {
            throw ApiError.bad("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded");
        } else if (!spot && region.cores(type.bucket(), false) + type.cores() > account.cores) {
            throw ApiError.bad(
                    "VcpuLimitExceeded",
                    "You have requested more vCPU capacity than your current vCPU limit of " + account.cores
                            + " allows for the instance bucket that the specified instance type belongs to. Please "
                            + "visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this "
                            + "limit.");
        } else if (spot && tooLow(params.get("InstanceMarketOptions.SpotOptions.MaxPrice"), type)) {
            throw ApiError.bad(
                    "SpotMaxPriceTooLow",
                    "Your Spot request price is lower than the minimum required Spot request fulfillment price.");
        } else if (account.exhausted.contains(type.name() + "@" + zone)
                || account.exhausted.contains(type.name() + "@*")) {
            throw new ApiError(
                    500,
                    "InsufficientInstanceCapacity",
                    "We currently do not have sufficient " + type.name()
                            + " capacity in the Availability Zone you requested (" + zone
                            + "). Our system will be working on provisioning additional capacity.");
        }
    }

    private boolean tooLow(String most, Catalogue.Type type) {
        return !most.isEmpty() && Double.parseDouble(most) < Double.parseDouble(type.perHour()) * account.spotShare;
    }

    private String reservation(String action, Region.Instance instance) {
        Xml xml = new Xml();
        xml.text("reservationId", "r-" + instance.id.substring(2)).text("ownerId", "123456789012");
        xml.set("groupSet", List.of(), (x, it) -> {});
        xml.set("instancesSet", List.of(instance), this::write);
        return xml.response(action);
    }

    private void write(Xml xml, Region.Instance it) {
        String number = Integer.toString(Math.floorMod(it.id.hashCode(), 250) + 1);
        xml.text("instanceId", it.id).text("imageId", it.params.get("ImageId"));
        xml.in("instanceState", () -> xml.text("code", it.state.code).text("name", it.state.text));
        xml.text("privateDnsName", it.over() ? "" : "ip-172-31-0-" + number + "." + region.name + ".compute.internal");
        xml.text("dnsName", it.address.isEmpty() ? "" : "ec2-" + number + "." + region.name + ".compute.example");
        xml.text("amiLaunchIndex", 0).text("instanceType", it.type.name()).text("launchTime", it.created.toString());
        xml.in("cpuOptions", () -> xml.text("coreCount", it.type.cores()).text("threadsPerCore", 1));
        xml.in("monitoring", () -> xml.text("state", "disabled"));
        xml.in("placement", () -> xml.text("availabilityZone", it.zone).text("tenancy", "default"));
        if (it.state == Region.State.RUNNING) {
            xml.text("privateIpAddress", "172.31.0." + number);
            if (!it.address.isEmpty()) {
                xml.text("ipAddress", it.address);
            }
        }
        xml.text("architecture", it.type.architecture());
        if (it.spot()) {
            xml.text("instanceLifecycle", "spot");
        }
        if (it.interrupted.isBefore(Instant.MAX) && it.over()) {
            xml.in(
                    "stateReason",
                    () -> xml.text("code", "Server.SpotInstanceTermination")
                            .text("message", "Server.SpotInstanceTermination: Spot instance termination"));
        }
        xml.text("clientToken", it.params.get("ClientToken")).tags(it.tags);
    }

    String describeInstances(Params params) {
        params.onlyKnows(LIST);
        dryRun(params);
        Filters filters = new Filters(params);
        Instant now = region.now();
        for (String id : params.list("InstanceId")) {
            instance(id);
        }
        List<Region.Instance> found = region.instances.values().stream()
                .filter(it -> !now.isBefore(it.visible))
                .filter(it -> params.list("InstanceId").isEmpty()
                        || params.list("InstanceId").contains(it.id))
                .filter(it -> filters.matches(it.tags, name -> switch (name) {
                    case "instance-id" -> List.of(it.id);
                    case "client-token" -> List.of(it.params.get("ClientToken"));
                    case "instance-state-name" -> List.of(it.state.text);
                    case "instance-type" -> List.of(it.type.name());
                    default -> null;
                }))
                .toList();
        Xml xml = new Xml();
        String next = Page.of(
                params,
                found,
                page -> xml.set("reservationSet", page, (x, it) -> {
                    x.text("reservationId", "r-" + it.id.substring(2)).text("ownerId", "123456789012");
                    x.set("instancesSet", List.of(it), this::write);
                }));
        return next(xml, next).response("DescribeInstances");
    }

    private static Xml next(Xml xml, String next) {
        return next.isEmpty() ? xml : xml.text("nextToken", next);
    }

    private Region.Instance instance(String id) {
        if (!id.matches("i-[0-9a-f]{8,17}")) {
            throw ApiError.bad("InvalidInstanceID.Malformed", "Invalid id: \"" + id + "\" (expecting \"i-...\")");
        }
        return Optional.ofNullable(region.instances.get(id))
                .filter(it -> !region.now().isBefore(it.visible))
                .orElseThrow(() ->
                        ApiError.bad("InvalidInstanceID.NotFound", "The instance ID '" + id + "' does not exist"));
    }

    String console(Params params) {
        params.onlyKnows(Set.of("InstanceId", "Latest"));
        Region.Instance found = instance(params.required("InstanceId"));
        dryRun(params);
        byte[] said = region.console(found.id).getBytes(StandardCharsets.UTF_8);
        return new Xml()
                .text("instanceId", found.id)
                .text("timestamp", region.now().toString())
                .text("output", Base64.getMimeEncoder().encodeToString(said))
                .response("GetConsoleOutput");
    }

    String terminate(Params params) {
        params.onlyKnows(Set.of("InstanceId.N"));
        List<Region.Instance> found =
                params.list("InstanceId").stream().map(this::instance).toList();
        dryRun(params);
        Xml xml = new Xml();
        xml.set("instancesSet", found, (x, it) -> {
            Region.State before = it.state;
            region.end(it, region.now());
            x.text("instanceId", it.id);
            x.in("currentState", () -> x.text("code", it.state.code).text("name", it.state.text));
            x.in("previousState", () -> x.text("code", before.code).text("name", before.text));
        });
        return xml.response("TerminateInstances");
    }

    static void dryRun(Params params) {
        if (params.flag("DryRun")) {
            throw new ApiError(412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
        }
    }

    String createTags(Params params) {
        params.onlyKnows(Set.of("ResourceId.N", "Tag.N.Key", "Tag.N.Value"));
        List<Region.Instance> found =
                params.list("ResourceId").stream().map(this::instance).toList();
        dryRun(params);
        found.forEach(it -> {
            Map<String, String> tags = new java.util.LinkedHashMap<>(it.tags);
            tags.putAll(params.tags("Tag", tags.size()));
            it.tags = tags;
        });
        return new Xml().text("return", true).response("CreateTags");
    }

    String describeVolumes(Params params) {
        params.onlyKnows(LIST);
        dryRun(params);
        Filters filters = new Filters(params);
        List<Region.Volume> found = region.volumes.values().stream()
                .filter(it -> filters.matches(it.tags, name -> name.equals("volume-id") ? List.of(it.id) : null))
                .toList();
        Xml xml = new Xml();
        String next = Page.of(
                params,
                found,
                page -> xml.set("volumeSet", page, (x, it) -> {
                    x.text("volumeId", it.id)
                            .text("size", 8)
                            .text("availabilityZone", it.zone)
                            .text("status", it.status);
                    x.text("encrypted", true).text("volumeType", "gp3").tags(it.tags);
                }));
        return next(xml, next).response("DescribeVolumes");
    }

    String deleteVolume(Params params) {
        params.onlyKnows(Set.of("VolumeId"));
        Region.Volume volume = region.volumes.get(params.required("VolumeId"));
        if (volume == null) {
            throw ApiError.bad("InvalidVolume.NotFound", "The volume '" + params.get("VolumeId") + "' does not exist.");
        }
        dryRun(params);
        if (!volume.attached.isEmpty()) {
            throw ApiError.bad("VolumeInUse", "Volume " + volume.id + " is currently attached to " + volume.attached);
        }
        region.volumes.remove(volume.id);
        return new Xml().text("return", true).response("DeleteVolume");
    }

    String describeKeys(Params params) {
        params.onlyKnows(Set.of("Filter.N.Name", "Filter.N.Value.N"));
        dryRun(params);
        return named(
                params,
                "DescribeKeyPairs",
                "keySet",
                region.keys,
                "key-name",
                (x, it) ->
                        x.text("keyPairId", it.id()).text("keyName", it.name()).tags(it.tags()));
    }

    String describeGroups(Params params) {
        params.onlyKnows(LIST);
        dryRun(params);
        List<String> ids = params.list("GroupId");
        ids.stream().filter(it -> !region.groups.containsKey(it)).findFirst().ifPresent(it -> {
            throw ApiError.bad("InvalidGroup.NotFound", "The security group '" + it + "' does not exist");
        });
        return named(params, "DescribeSecurityGroups", "securityGroupInfo", region.groups, "group-id", Lookups::group);
    }

    private static String named(
            Params params,
            String action,
            String set,
            Map<String, Region.Named> all,
            String filter,
            BiConsumer<Xml, Region.Named> write) {
        Filters filters = new Filters(params);
        Predicate<Region.Named> wanted =
                it -> params.list("GroupId").isEmpty() || params.list("GroupId").contains(it.id());
        List<Region.Named> found = all.values().stream()
                .filter(wanted)
                .filter(it -> filters.matches(it.tags(), name -> switch (name) {
                    case "key-name", "group-name" -> List.of(it.name());
                    case "group-id" -> List.of(it.id());
                    case "vpc-id" -> List.of("vpc-0123456789abcdef0");
                    default -> null;
                }))
                .toList();
        Xml xml = new Xml();
        String next = Page.of(params, found, page -> xml.set(set, page, write));
        return next(xml, next).response(action);
    }

    String deleteKey(Params params) {
        params.onlyKnows(Set.of("KeyName"));
        dryRun(params);
        // Deleting what is not there is no error of EC2.
        region.keys.remove(params.required("KeyName"));
        return new Xml().text("return", true).response("DeleteKeyPair");
    }

    String deleteGroup(Params params) {
        params.onlyKnows(Set.of("GroupId"));
        String id = params.required("GroupId");
        if (!region.groups.containsKey(id)) {
            throw ApiError.bad("InvalidGroup.NotFound", "The security group '" + id + "' does not exist");
        }
        dryRun(params);
        boolean used = region.instances.values().stream()
                .anyMatch(it -> it.state != Region.State.TERMINATED
                        && Stream.of("SecurityGroupId", "NetworkInterface.1.SecurityGroupId")
                                .anyMatch(name -> it.params.list(name).contains(id)));
        if (used) {
            throw ApiError.bad("DependencyViolation", "resource " + id + " has a dependent object");
        }
        region.groups.remove(id);
        return new Xml().text("return", true).response("DeleteSecurityGroup");
    }
}
