package pydron.provision.aws;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import pydron.provision.model.Problem;
import pydron.provision.model.Resources;
import software.amazon.awssdk.services.ec2.model.DescribeInstanceTypesRequest;
import software.amazon.awssdk.services.ec2.model.InstanceTypeInfo;
import software.amazon.awssdk.services.ec2.model.InstanceTypeOffering;

/// Instance types as the region describes them; what is known of one does not change.
public final class AwsTypes {
    /// @param architecture `x86_64` or `arm64`
    /// @param spot whether it can be had as spot
    public record Type(String name, Resources size, String architecture, boolean spot) {
        public Type {
            Objects.requireNonNull(name);
            Objects.requireNonNull(size);
            Objects.requireNonNull(architecture);
        }

        /// As `uname -m` calls it.
        String machine() {
            return architecture.equals("arm64") ? "aarch64" : architecture;
        }
    }

    private final AwsSession session;
    private final Map<String, Type> known = new ConcurrentHashMap<>();

    public AwsTypes(AwsSession session) {
        this.session = session;
    }

    /// @throws AwsFailure when there is no such type, or it cannot be found out
    public Type of(String name) {
        return known.computeIfAbsent(name, this::ask);
    }

    private Type ask(String name) {
        List<InstanceTypeInfo> found = session.call(
                        "DescribeInstanceTypes",
                        () -> session.ec2()
                                .describeInstanceTypes(DescribeInstanceTypesRequest.builder()
                                        .instanceTypesWithStrings(name)
                                        .build()))
                .instanceTypes();
        if (found.isEmpty()) {
            throw new AwsFailure(new Problem.Refused("there is no type '" + name + "' in " + session.region()));
        }
        return type(found.getFirst());
    }

    /// All of the region, of the present generation; those that are metal boot too slowly to be of use.
    ///
    /// @throws AwsFailure when it cannot be found out
    List<Type> all() {
        return session.call(
                "DescribeInstanceTypes",
                () -> session
                        .ec2()
                        .describeInstanceTypesPaginator(DescribeInstanceTypesRequest.builder()
                                .filters(
                                        AwsImages.filter("current-generation", "true"),
                                        AwsImages.filter("bare-metal", "false"))
                                .build())
                        .instanceTypes()
                        .stream()
                        .map(AwsTypes::type)
                        .toList());
    }

    /// Where a type is offered.
    ///
    /// @throws AwsFailure when it cannot be found out
    List<String> zones(String name) {
        return session.call(
                "DescribeInstanceTypeOfferings",
                () -> session
                        .ec2()
                        .describeInstanceTypeOfferingsPaginator(it ->
                                it.locationType("availability-zone").filters(AwsImages.filter("instance-type", name)))
                        .instanceTypeOfferings()
                        .stream()
                        .map(InstanceTypeOffering::location)
                        .toList());
    }

    private static Type type(InstanceTypeInfo info) {
        boolean arm = info.processorInfo() != null
                && info.processorInfo().supportedArchitecturesAsStrings().contains("arm64");
        int cores = info.vCpuInfo() == null ? 1 : Math.max(1, info.vCpuInfo().defaultVCpus());
        long mebibytes = info.memoryInfo() == null ? 0 : info.memoryInfo().sizeInMiB();
        int gpus = info.gpuInfo() == null
                ? 0
                : info.gpuInfo().gpus().stream()
                        .mapToInt(it -> it.count() == null ? 0 : it.count())
                        .sum();
        return new Type(
                info.instanceTypeAsString(),
                new Resources(cores, mebibytes << 20, gpus),
                arm ? "arm64" : "x86_64",
                info.supportedUsageClassesAsStrings().contains("spot"));
    }
}
