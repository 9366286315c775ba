package pydron.provision.aws;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import pydron.provision.model.Problem;
import software.amazon.awssdk.services.ec2.model.BlockDeviceMapping;
import software.amazon.awssdk.services.ec2.model.DescribeImagesRequest;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.Image;
import software.amazon.awssdk.services.ec2.model.ImageState;

/// Which image instances start from, and what its root volume is called: an encrypted one has to be asked for
/// by that name. Answers are kept: within a session all instances start from the same image.
public final class AwsImages {
    /// Debian's account; it publishes one image for each point release and architecture.
    private static final String OWNER = "136693071363";

    private static final String NAME = "debian-12-%s-*";

    /// @param rootDevice as in `/dev/xvda`
    /// @param rootGiB what the root volume has at least
    public record Choice(String id, String name, String architecture, String rootDevice, int rootGiB) {
        public Choice {
            Objects.requireNonNull(id);
            Objects.requireNonNull(name);
            Objects.requireNonNull(architecture);
            Objects.requireNonNull(rootDevice);
        }
    }

    private final AwsSession session;
    private final AwsTypes types;
    private final Map<String, Choice> known = new ConcurrentHashMap<>();

    public AwsImages(AwsSession session, AwsTypes types) {
        this.session = session;
        this.types = types;
    }

    /// For instances of a type.
    ///
    /// @throws AwsFailure when there is no such image or type, or it cannot be found out
    public Choice forType(String type) {
        String set = session.options().image();
        if (!set.isEmpty()) {
            return known.computeIfAbsent(set, this::named);
        }
        return known.computeIfAbsent(types.of(type).architecture(), this::newest);
    }

    private Choice named(String id) {
        List<Image> found = describe(DescribeImagesRequest.builder().imageIds(id));
        if (found.isEmpty()) {
            throw new AwsFailure(new Problem.Refused(
                    "there is no image '" + id + "' in " + session.region() + ", or it is private"));
        }
        return choice(found.getFirst());
    }

    private Choice newest(String architecture) {
        String name = NAME.formatted(architecture.equals("x86_64") ? "amd64" : architecture);
        return describe(DescribeImagesRequest.builder()
                        .owners(OWNER)
                        .filters(filter("name", name), filter("architecture", architecture)))
                .stream()
                .filter(it -> it.state() == ImageState.AVAILABLE)
                .max(Comparator.comparing(Image::creationDate).thenComparing(Image::imageId))
                .map(AwsImages::choice)
                .orElseThrow(() -> new AwsFailure(new Problem.Refused("there is no image '" + name + "' of Debian in "
                        + session.region() + ": name one in the settings")));
    }

    private List<Image> describe(DescribeImagesRequest.Builder request) {
        return session.call("DescribeImages", () -> session.ec2().describeImages(request.build()))
                .images();
    }

    private static Choice choice(Image image) {
        String root = Objects.toString(image.rootDeviceName(), "/dev/xvda");
        int size = image.blockDeviceMappings().stream()
                .filter(it -> root.equals(it.deviceName())
                        && it.ebs() != null
                        && it.ebs().volumeSize() != null)
                .mapToInt((BlockDeviceMapping it) -> it.ebs().volumeSize())
                .findFirst()
                .orElse(0);
        return new Choice(
                image.imageId(), Objects.toString(image.name(), ""), image.architectureAsString(), root, size);
    }

    static Filter filter(String name, String... values) {
        return Filter.builder().name(name).values(values).build();
    }
}
