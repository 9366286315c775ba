package pydron.provision.jclouds;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jclouds.http.options.BaseHttpRequestOptions;
import pydron.provision.aws.AwsImages;
import pydron.provision.aws.AwsOptions;
import pydron.provision.cloud.LaunchRequest;
import pydron.provision.model.Pool;

/// What is said when an instance is started, for the greater part younger than jclouds: its calls hand on what
/// options say, word for word.
final class Ec2Launch extends BaseHttpRequestOptions {
    /// Of bytes before they are encoded; more is not taken.
    static final int MOST_USER_DATA = 16 * 1024;

    Ec2Launch(LaunchRequest request, AwsImages.Choice image, AwsOptions options, String subnet) {
        Pool pool = request.pool();
        set("ClientToken", request.claim().value());
        set("InstanceType", pool.machine().type());
        if (!pool.machine().zone().isEmpty()) {
            set("Placement.AvailabilityZone", pool.machine().zone());
        }
        set("UserData", Base64.getEncoder().encodeToString(request.userData().getBytes(StandardCharsets.UTF_8)));
        // What shuts itself down is gone, not merely stopped: the end of a lease relies on it.
        set("InstanceInitiatedShutdownBehavior", "terminate");
        set("MetadataOptions.HttpTokens", "required");
        set("MetadataOptions.HttpEndpoint", "enabled");
        root(image, options.rootGiB());
        network(options.network(), subnet);
        if (!options.instanceProfile().isEmpty()) {
            set("IamInstanceProfile.Name", options.instanceProfile());
        }
        if (burstable(pool.machine().type())) {
            // More than its credits would cost more than its price.
            set("CreditSpecification.CpuCredits", "standard");
        }
        if (pool.price().spot()) {
            set("InstanceMarketOptions.MarketType", "spot");
            set("InstanceMarketOptions.SpotOptions.SpotInstanceType", "one-time");
            set("InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior", "terminate");
            set("InstanceMarketOptions.SpotOptions.MaxPrice", pool.perHour().toString());
        }
    }

    private void set(String name, String value) {
        formParameters.put(name, value);
    }

    private static boolean burstable(String type) {
        return type.startsWith("t2.") || type.startsWith("t3.") || type.startsWith("t3a.") || type.startsWith("t4g.");
    }

    private void root(AwsImages.Choice image, int gibibytes) {
        set("BlockDeviceMapping.1.DeviceName", image.rootDevice());
        set("BlockDeviceMapping.1.Ebs.DeleteOnTermination", "true");
        set("BlockDeviceMapping.1.Ebs.VolumeType", "gp3");
        set("BlockDeviceMapping.1.Ebs.Encrypted", "true");
        int size = Math.max(gibibytes, image.rootGiB());
        if (size > 0) {
            // Said even when it is the image's own: emulators do not look there.
            set("BlockDeviceMapping.1.Ebs.VolumeSize", Integer.toString(size));
        }
    }

    /// Whether there is a public address can only be said of an interface, which then has the subnet and the
    /// groups.
    private void network(AwsOptions.Network network, String subnet) {
        boolean ofInterface = network.publicAddress().isPresent();
        String prefix = ofInterface ? "NetworkInterface.1." : "";
        if (ofInterface) {
            set(prefix + "DeviceIndex", "0");
            set(prefix + "DeleteOnTermination", "true");
            set(
                    prefix + "AssociatePublicIpAddress",
                    network.publicAddress().get().toString());
        }
        if (!subnet.isEmpty()) {
            set(prefix + "SubnetId", subnet);
        }
        List<String> groups = network.securityGroups();
        for (int i = 0; i < groups.size(); i++) {
            set(prefix + "SecurityGroupId." + (i + 1), groups.get(i));
        }
    }

    /// Is checked and not carried out.
    Ec2Launch asTrial() {
        set("DryRun", "true");
        return this;
    }

    Ec2Launch tagged(Map<String, String> tags) {
        List<String> kinds = List.of("instance", "volume");
        for (int kind = 0; kind < kinds.size(); kind++) {
            String prefix = "TagSpecification." + (kind + 1) + ".";
            set(prefix + "ResourceType", kinds.get(kind));
            int number = 0;
            for (Map.Entry<String, String> tag : tags.entrySet()) {
                number++;
                set(prefix + "Tag." + number + ".Key", tag.getKey());
                set(prefix + "Tag." + number + ".Value", tag.getValue());
            }
        }
        return this;
    }
}
