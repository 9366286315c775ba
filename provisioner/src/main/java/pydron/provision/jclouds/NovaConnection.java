package pydron.provision.jclouds;

import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import com.google.common.collect.ImmutableSet;
import com.google.inject.AbstractModule;
import com.google.inject.TypeLiteral;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jclouds.Constants;
import org.jclouds.ContextBuilder;
import org.jclouds.http.HttpCommand;
import org.jclouds.http.HttpErrorHandler;
import org.jclouds.http.HttpResponse;
import org.jclouds.http.HttpRetryHandler;
import org.jclouds.http.HttpUtils;
import org.jclouds.http.IOExceptionRetryHandler;
import org.jclouds.http.annotation.ClientError;
import org.jclouds.http.annotation.Redirection;
import org.jclouds.http.annotation.ServerError;
import org.jclouds.location.suppliers.RegionIdToURISupplier;
import org.jclouds.location.suppliers.RegionIdsSupplier;
import org.jclouds.openstack.keystone.auth.config.Authentication;
import org.jclouds.openstack.nova.v2_0.NovaApi;
import org.jclouds.openstack.nova.v2_0.NovaApiMetadata;
import org.jclouds.openstack.nova.v2_0.config.NovaHttpApiModule;
import org.jclouds.openstack.nova.v2_0.config.NovaParserModule;
import org.jclouds.rest.ConfiguresHttpApi;
import pydron.provision.openstack.Http;
import pydron.provision.openstack.Json;
import pydron.provision.openstack.Session;

/// jclouds' Nova, with four things replaced: tokens and addresses come from a [Session]; a token that is
/// refused is replaced once; nothing is called twice otherwise; and every answer that is no success is a
/// [NovaAnswer], also the 404 that jclouds would turn into an empty list.
final class NovaConnection implements AutoCloseable {
    /// jclouds asks for a region in each call; a session has one.
    static final String REGION = "region";

    private final NovaApi api;

    NovaConnection(Session session) {
        Properties properties = new Properties();
        properties.setProperty(Constants.PROPERTY_MAX_RETRIES, "0");
        properties.setProperty(Constants.PROPERTY_CONNECTION_TIMEOUT, "10000");
        properties.setProperty(Constants.PROPERTY_SO_TIMEOUT, "60000");
        api = ContextBuilder.newBuilder(new NovaApiMetadata()
                        .toBuilder()
                                .defaultModules(ImmutableSet.of(NovaParserModule.class))
                                .build())
                .endpoint("http://replaced.invalid")
                .credentials("replaced", "replaced")
                .overrides(properties)
                .modules(ImmutableSet.of(new Silence(), new Calls(), new Login(session, session.trust())))
                .buildApi(NovaApi.class);
    }

    NovaApi api() {
        return api;
    }

    @Override
    public void close() throws IOException {
        api.close();
    }

    @ConfiguresHttpApi
    private static final class Calls extends NovaHttpApiModule {
        @Override
        protected void bindErrorHandlers() {
            HttpErrorHandler handler = NovaConnection::failed;
            bind(HttpErrorHandler.class).annotatedWith(Redirection.class).toInstance(handler);
            bind(HttpErrorHandler.class).annotatedWith(ClientError.class).toInstance(handler);
            bind(HttpErrorHandler.class).annotatedWith(ServerError.class).toInstance(handler);
        }
    }

    private static void failed(HttpCommand command, HttpResponse response) {
        byte[] body = HttpUtils.closeClientButKeepContentStream(response);
        String after = response.getFirstHeaderOrNull("Retry-After");
        command.setException(new NovaAnswer(
                response.getStatusCode(),
                body == null ? "without a reason" : Json.message(new String(body, StandardCharsets.UTF_8)),
                Http.pause(after == null ? "" : after)));
    }

    private static final class Login extends AbstractModule {
        private final Session session;
        private final Optional<SSLContext> trust;

        /// @param trust looked up before, because injectors write failures to the terminal
        Login(Session session, Optional<SSLContext> trust) {
            this.session = session;
            this.trust = trust;
        }

        @Override
        protected void configure() {
            bind(new TypeLiteral<Supplier<String>>() {})
                    .annotatedWith(Authentication.class)
                    .toInstance(session::token);
            bind(HttpRetryHandler.class).annotatedWith(ClientError.class).toInstance(this::renewed);
            bind(HttpRetryHandler.class).annotatedWith(ServerError.class).toInstance(HttpRetryHandler.NEVER_RETRY);
            bind(IOExceptionRetryHandler.class).toInstance(IOExceptionRetryHandler.NEVER_RETRY);
            Supplier<URI> nova = () -> session.endpoint("compute");
            RegionIdToURISupplier places = () -> Map.of(REGION, nova);
            bind(RegionIdToURISupplier.class).toInstance(places);
            RegionIdsSupplier regions = () -> Set.of(REGION);
            bind(RegionIdsSupplier.class).toInstance(regions);
            session.trust()
                    .ifPresent(it ->
                            bind(new TypeLiteral<Supplier<SSLContext>>() {}).toInstance(Suppliers.ofInstance(it)));
        }

        /// A token may be revoked before its time is over.
        private boolean renewed(HttpCommand command, HttpResponse response) {
            if (response.getStatusCode() != 401 || command.incrementFailureCount() > 1) {
                return false;
            }
            session.forget(session.token());
            return true;
        }
    }
}
