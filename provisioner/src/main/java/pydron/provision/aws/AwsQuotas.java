package pydron.provision.aws;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import pydron.provision.cloud.Check;
import pydron.provision.cloud.Check.Outcome;
import pydron.provision.model.Pool;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.InstanceLifecycleType;

/// How many vCPUs the account may have, and how many are in use: EC2 counts by families of types.
final class AwsQuotas {
    /// Families that share a quota, by how their types' names begin, with the codes on demand and of spot.
    private record Bucket(String name, List<String> families, String onDemand, String spot) {
        boolean has(String family) {
            return families.contains(family);
        }
    }

    private static final List<Bucket> BUCKETS = List.of(
            new Bucket(
                    "standard instances",
                    List.of("a", "c", "d", "h", "i", "m", "r", "t", "z", "im", "is"),
                    "L-1216C47A",
                    "L-34B43A08"),
            new Bucket("G and VT instances", List.of("g", "gr", "vt"), "L-DB2E81BA", "L-3819A6DF"),
            new Bucket("P instances", List.of("p"), "L-417A185B", "L-7212CCBC"),
            new Bucket("X instances", List.of("x"), "L-7295265B", "L-E3A00192"),
            new Bucket("F instances", List.of("f"), "L-74FC7D96", "L-88CF9481"),
            new Bucket("Inf instances", List.of("inf"), "L-1945791B", "L-B5D1601B"),
            new Bucket("Trn instances", List.of("trn"), "L-2C3B7624", "L-6B0D517C"));

    private final AwsSession session;
    private final SignedJson service;

    AwsQuotas(AwsSession session) {
        this.session = session;
        this.service = new SignedJson(
                session,
                new SignedJson.Service(
                        "servicequotas",
                        "SERVICE_QUOTAS",
                        "servicequotas",
                        session.region(),
                        "ServiceQuotasV20190624"));
    }

    List<Check> check(List<Pool> pools) {
        Map<String, List<Pool>> byCode = new LinkedHashMap<>();
        for (Pool pool : pools) {
            bucket(pool.machine().type())
                    .ifPresent(it -> byCode.computeIfAbsent(
                                    pool.price().spot() ? it.spot() : it.onDemand(), code -> new ArrayList<>())
                            .add(pool));
        }
        List<Check> checks = new ArrayList<>();
        byCode.forEach((code, with) -> checks.addAll(check(code, with)));
        return checks;
    }

    private List<Check> check(String code, List<Pool> pools) {
        Pool first = pools.getFirst();
        boolean spot = first.price().spot();
        Bucket bucket = bucket(first.machine().type()).orElseThrow();
        String what = "vCPUs of " + bucket.name() + (spot ? " as spot" : " on demand");
        try {
            int all = quota(code);
            int used = used(bucket, spot);
            List<Check> checks = new ArrayList<>();
            for (Pool pool : pools) {
                int more = Math.max(0, all - used) / pool.size().cores();
                checks.add(new Check(
                        "quota",
                        more > 0 ? Outcome.GOOD : Outcome.BAD,
                        what + ": " + all + ", " + used + " in use, enough for " + more + " more of pool '"
                                + pool.name() + "'; raised under Service Quotas, code " + code));
            }
            return checks;
        } catch (AwsFailure failure) {
            return List.of(new Check(
                    "quota",
                    Outcome.WARNING,
                    what + ": cannot be read (" + failure.problem().text()
                            + "); the action servicequotas:GetServiceQuota allows it"));
        }
    }

    private int quota(String code) {
        JsonNode answer = service.call("GetServiceQuota", "{\"ServiceCode\":\"ec2\",\"QuotaCode\":\"" + code + "\"}");
        return answer.field("Quota")
                .flatMap(it -> it.field("Value"))
                .map(it -> (int) Double.parseDouble(it.text()))
                .orElse(0);
    }

    private int used(Bucket bucket, boolean spot) {
        return session.call(
                "DescribeInstances",
                () -> session
                        .ec2()
                        .describeInstancesPaginator(it -> it.maxResults(1000)
                                .filters(AwsImages.filter("instance-state-name", "pending", "running")))
                        .reservations()
                        .stream()
                        .flatMap(it -> it.instances().stream())
                        .filter(it -> bucket.has(family(it.instanceTypeAsString())))
                        .filter(it -> (it.instanceLifecycle() == InstanceLifecycleType.SPOT) == spot)
                        .mapToInt(AwsQuotas::cores)
                        .sum());
    }

    private static int cores(Instance instance) {
        return instance.cpuOptions() == null
                        || instance.cpuOptions().coreCount() == null
                        || instance.cpuOptions().threadsPerCore() == null
                ? 0
                : instance.cpuOptions().coreCount() * instance.cpuOptions().threadsPerCore();
    }

    private static Optional<Bucket> bucket(String type) {
        String family = family(type);
        return BUCKETS.stream().filter(it -> it.has(family)).findFirst();
    }

    /// The letters before the generation, as in `c` of `c7gn.large`.
    static String family(String type) {
        int end = 0;
        while (end < type.length() && Character.isLetter(type.charAt(end))) {
            end++;
        }
        return type.substring(0, end);
    }
}
