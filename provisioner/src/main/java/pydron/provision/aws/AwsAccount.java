package pydron.provision.aws;

import java.time.InstantSource;
import java.util.List;
import pydron.provision.cloud.Account;
import pydron.provision.cloud.Check;
import pydron.provision.cloud.Offer;
import pydron.provision.model.Pool;

public final class AwsAccount implements Account {
    public AwsAccount(AwsSession session, AwsTypes types, AwsImages images, InstantSource clock) {}

    @Override
    public List<Check> check(List<Pool> pools) {
        return List.of();
    }

    @Override
    public List<Offer> offers() {
        return List.of();
    }
}
