package pydron.provision.ec2;

import java.util.List;
import java.util.Optional;

/// Types and images of the region.
final class Catalogue {
    static final String DEBIAN = "136693071363";
    static final String UBUNTU = "099720109477";

    /// @param bucket of the quota that it counts for
    /// @param zones where it is offered, by their last letter
    /// @param perHour on demand, in dollars
    record Type(String name, int cores, int mebibytes, String architecture, int gpus, String zones, String perHour) {
        String bucket() {
            return gpus > 0 ? "L-DB2E81BA" : "L-1216C47A";
        }
    }

    record Image(String id, String owner, String name, String architecture, String root, int gibibytes, String made) {}

    static final List<Type> TYPES = List.of(
            new Type("t3.micro", 2, 1024, "x86_64", 0, "abc", "0.0120"),
            new Type("t3.medium", 2, 4096, "x86_64", 0, "abc", "0.0480"),
            new Type("m7i.large", 2, 8192, "x86_64", 0, "abc", "0.1208"),
            new Type("m7i.2xlarge", 8, 32768, "x86_64", 0, "abc", "0.4830"),
            new Type("c7i.4xlarge", 16, 32768, "x86_64", 0, "ab", "0.8148"),
            new Type("c7g.large", 2, 4096, "arm64", 0, "abc", "0.0823"),
            new Type("g5.xlarge", 4, 16384, "x86_64", 1, "b", "1.2580"));

    static final List<Image> IMAGES = List.of(
            image(
                    "ami-0d00000000000001a",
                    DEBIAN,
                    "debian-12-amd64-20250814-2204",
                    "x86_64",
                    "/dev/xvda",
                    "2025-08-14"),
            image(
                    "ami-0d00000000000002a",
                    DEBIAN,
                    "debian-12-amd64-20260901-2300",
                    "x86_64",
                    "/dev/xvda",
                    "2026-09-01"),
            image("ami-0d00000000000003a", DEBIAN, "debian-12-arm64-20260901-2300", "arm64", "/dev/xvda", "2026-09-01"),
            image(
                    "ami-0d00000000000004a",
                    DEBIAN,
                    "debian-13-amd64-20261001-2350",
                    "x86_64",
                    "/dev/xvda",
                    "2026-10-01"),
            // Somebody else's, newer and with a name that looks right.
            image("ami-0e00000000000005a", "666666666666", "debian-12-amd64-x", "x86_64", "/dev/xvda", "2026-11-01"),
            image(
                    "ami-0f00000000000006a",
                    UBUNTU,
                    "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-20260910",
                    "x86_64",
                    "/dev/sda1",
                    "2026-09-10"));

    private Catalogue() {}

    private static Image image(String id, String owner, String name, String architecture, String root, String day) {
        return new Image(id, owner, name, architecture, root, 8, day + "T10:00:00.000Z");
    }

    static Optional<Type> type(String name) {
        return TYPES.stream().filter(it -> it.name().equals(name)).findFirst();
    }

    static Optional<Image> image(String id) {
        return IMAGES.stream().filter(it -> it.id().equals(id)).findFirst();
    }
}
