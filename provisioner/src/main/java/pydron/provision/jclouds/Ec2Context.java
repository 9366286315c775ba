package pydron.provision.jclouds;

import com.google.inject.Injector;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.jclouds.Constants;
import org.jclouds.ContextBuilder;
import org.jclouds.aws.domain.SessionCredentials;
import org.jclouds.aws.ec2.AWSEC2Api;
import org.jclouds.aws.ec2.AWSEC2ApiMetadata;
import org.jclouds.aws.ec2.config.AWSEC2HttpApiModule;
import org.jclouds.aws.filters.FormSignerV4;
import org.jclouds.domain.Credentials;
import org.jclouds.location.config.LocationModule;
import org.jclouds.location.reference.LocationConstants;
import org.jclouds.rest.ConfiguresHttpApi;
import org.jclouds.rest.config.BinderUtils;
import pydron.provision.aws.AwsKeys;
import pydron.provision.aws.AwsSession;

/// jclouds set up for one region: the present version of the API, its one endpoint without asking for others,
/// signatures for this region whatever the endpoint is called, credentials asked for at each request, no
/// second call of any kind, because a caller must know what came of the first, and no log, because jclouds writes
/// whole requests into it, user data and its secrets included.
final class Ec2Context implements Closeable {
    /// The oldest that knows tags on create; also the newest there is.
    private static final String VERSION = "2016-11-15";

    private static final String CONNECT_MS = "10000";
    private static final String READ_MS = "20000";

    private final String region;
    private final AWSEC2Api api;
    private final Ec2Pages pages;

    Ec2Context(AwsSession session) {
        region = session.region();
        String endpoint = session.ec2Endpoint().toString();
        Properties overrides = new Properties();
        overrides.setProperty(Constants.PROPERTY_MAX_RETRIES, "0");
        overrides.setProperty(Constants.PROPERTY_CONNECTION_TIMEOUT, CONNECT_MS);
        overrides.setProperty(Constants.PROPERTY_SO_TIMEOUT, READ_MS);
        overrides.setProperty(LocationConstants.PROPERTY_REGIONS, region);
        overrides.setProperty(LocationConstants.PROPERTY_REGION + "." + region + ".endpoint", endpoint);
        Injector injector = ContextBuilder.newBuilder(new AWSEC2ApiMetadata()
                        .toBuilder().version(VERSION).defaultModules(Set.of()).build())
                .endpoint(endpoint)
                .apiVersion(VERSION)
                .credentialsSupplier(() -> credentials(session.keys()))
                .overrides(overrides)
                .modules(List.of(new HttpApi(region), new Silence()))
                .buildInjector();
        api = injector.getInstance(AWSEC2Api.class);
        pages = injector.getInstance(Ec2Pages.class);
    }

    private static Credentials credentials(AwsKeys keys) {
        if (keys.session().isEmpty()) {
            return new Credentials(keys.identity(), keys.secret());
        }
        return SessionCredentials.builder()
                .accessKeyId(keys.identity())
                .secretAccessKey(keys.secret())
                .sessionToken(keys.session().get())
                .build();
    }

    AWSEC2Api api() {
        return api;
    }

    Ec2Pages pages() {
        return pages;
    }

    @Override
    public void close() throws IOException {
        api.close();
    }

    @ConfiguresHttpApi
    private static final class HttpApi extends AWSEC2HttpApiModule {
        private final String region;

        HttpApi(String region) {
            this.region = region;
        }

        @Override
        protected void configure() {
            bind(FormSignerV4.ServiceAndRegion.class).toInstance(new FormSignerV4.ServiceAndRegion() {
                @Override
                public String service() {
                    return "ec2";
                }

                @Override
                public String region(String host) {
                    return region;
                }
            });
            BinderUtils.bindHttpApi(binder(), Ec2Pages.class);
            super.configure();
        }

        @Override
        protected void installLocations() {
            install(new LocationModule());
        }
    }
}
