package pydron.provision.jclouds;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import pydron.provision.aws.AwsKeys;
import pydron.provision.aws.AwsOptions;
import pydron.provision.aws.AwsSession;
import pydron.provision.cloud.Cloud;
import pydron.provision.cloud.CloudContract;
import pydron.provision.ec2.Ec2StandIn;
import pydron.provision.ec2.Hypervisor;

/// EC2 does what every cloud must, with lists that are behind.
class Ec2CloudTest extends CloudContract {
    private final Ec2StandIn ec2 = Ec2StandIn.start(0, Hypervisor.NONE);
    private final List<Ec2Cloud> open = new ArrayList<>();
    private final Ec2Cloud cloud;

    Ec2CloudTest() {
        ec2.times(Duration.ofMillis(50), Duration.ofMillis(50), Duration.ofMillis(200), Duration.ZERO);
        cloud = of("installation-1", Ec2StandIn.SECRET);
    }

    private Ec2Cloud of(String installation, String secret) {
        AwsKeys keys = new AwsKeys(Ec2StandIn.IDENTITY, secret, Optional.empty(), Optional.empty());
        AwsOptions options = new AwsOptions(
                "",
                "",
                0,
                AwsOptions.DEFAULT.network(),
                Optional.of(new AwsOptions.Endpoints(ec2.url(), ec2.url(), ec2.url())));
        AwsSession session = AwsSession.with(Ec2StandIn.REGION, () -> keys, options);
        Ec2Cloud made = new Ec2Cloud("aws", installation, session, InstantSource.system());
        open.add(made);
        return made;
    }

    @AfterEach
    void close() {
        open.forEach(Ec2Cloud::close);
        ec2.close();
    }

    @Override
    protected Cloud cloud() {
        return cloud;
    }

    @Override
    protected Cloud ofAnotherInstallation() {
        return of("installation-2", Ec2StandIn.SECRET);
    }

    @Override
    protected Cloud withWrongCredentials() {
        return of("installation-1", "wrong");
    }

    @Override
    protected String type() {
        return "m7i.large";
    }

    @Override
    protected void exhaustQuota() {
        ec2.quota(0, 0, Integer.MAX_VALUE);
    }

    @Override
    protected boolean again(int times) {
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        return times < 200;
    }
}
