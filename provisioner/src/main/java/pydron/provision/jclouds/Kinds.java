package pydron.provision.jclouds;

import java.util.List;
import java.util.Set;
import org.jclouds.aws.ec2.AWSEC2Api;
import pydron.provision.model.Thing;

/// How EC2 lists and deletes each kind of thing.
///
/// @param describe the action that lists them
/// @param id path of their name within a row
/// @param filter the name's filter
/// @param over states in which nothing of it is left to pay or to delete
record Kinds(
        Thing.Kind kind, String describe, String id, String filter, String remove, boolean paged, Set<String> over) {
    static final List<Kinds> ALL = List.of(
            of(Thing.Kind.INSTANCE), of(Thing.Kind.VOLUME), of(Thing.Kind.KEY_PAIR), of(Thing.Kind.SECURITY_GROUP));

    static Kinds of(Thing.Kind kind) {
        return switch (kind) {
            // What is shutting down counts until it is gone: it may still run and holds its share of quotas.
            case INSTANCE ->
                new Kinds(
                        kind,
                        "DescribeInstances",
                        "instanceId",
                        "instance-id",
                        "TerminateInstances",
                        true,
                        Set.of("terminated"));
            case VOLUME ->
                new Kinds(
                        kind,
                        "DescribeVolumes",
                        "volumeId",
                        "volume-id",
                        "DeleteVolume",
                        true,
                        Set.of("deleting", "deleted"));
            // EC2 has no pages of them.
            case KEY_PAIR ->
                new Kinds(kind, "DescribeKeyPairs", "keyName", "key-name", "DeleteKeyPair", false, Set.of());
            case SECURITY_GROUP ->
                new Kinds(kind, "DescribeSecurityGroups", "groupId", "group-id", "DeleteSecurityGroup", true, Set.of());
            case ADDRESS -> throw new IllegalArgumentException("an address of EC2 belongs to its instance");
        };
    }

    boolean over(Ec2Pages.Row row) {
        return over.contains(row.get(kind == Thing.Kind.INSTANCE ? "instanceState/name" : "status"));
    }

    void remove(AWSEC2Api api, String region, String name) {
        switch (kind) {
            case INSTANCE -> api.getInstanceApi().get().terminateInstancesInRegion(region, name);
            case VOLUME -> api.getElasticBlockStoreApi().get().deleteVolumeInRegion(region, name);
            case KEY_PAIR -> api.getKeyPairApi().get().deleteKeyPairInRegion(region, name);
            case SECURITY_GROUP -> api.getSecurityGroupApi().get().deleteSecurityGroupInRegionById(region, name);
            case ADDRESS -> throw new IllegalArgumentException("an address of EC2 belongs to its instance");
        }
    }
}
