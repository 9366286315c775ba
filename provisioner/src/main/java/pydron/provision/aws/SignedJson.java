package pydron.provision.aws;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import pydron.provision.model.Problem;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;

/// Calls of services whose modules the SDK does not have in this version: JSON in, JSON out, signed.
final class SignedJson {
    private static final int MOST_BYTES = 64 << 20;

    /// @param signing its name in signatures
    /// @param target what the header says before the action
    record Service(String signing, String variable, String host, String region, String target) {}

    private final AwsSession session;
    private final Service service;
    private final URI endpoint;

    SignedJson(AwsSession session, Service service) {
        this.session = session;
        this.service = service;
        this.endpoint = session.jsonEndpoint(service.variable(), service.host(), service.region());
    }

    /// @throws AwsFailure when there is no answer, or none that was asked for
    JsonNode call(String action, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        try {
            HttpExecuteResponse response =
                    session.http().prepareRequest(signed(action, bytes)).call();
            byte[] said = response.responseBody().isPresent()
                    ? read(response.responseBody().get())
                    : new byte[0];
            JsonNode answer = JsonNode.parser().parse(said.length == 0 ? "{}".getBytes(StandardCharsets.UTF_8) : said);
            int status = response.httpResponse().statusCode();
            if (status == 200) {
                return answer;
            }
            throw new AwsFailure(AwsProblems.of(action, status, code(answer), message(answer)));
        } catch (IOException | java.io.UncheckedIOException e) {
            throw new AwsFailure(new Problem.Unknown(action + ": " + e.getMessage()), e);
        } catch (SdkException e) {
            throw new AwsFailure(new Problem.Unauthorized(action + ": " + e.getMessage()), e);
        }
    }

    private static byte[] read(InputStream in) throws IOException {
        try (in) {
            return in.readNBytes(MOST_BYTES);
        }
    }

    private HttpExecuteRequest signed(String action, byte[] body) {
        ContentStreamProvider payload = () -> new ByteArrayInputStream(body);
        SdkHttpRequest request = SdkHttpRequest.builder()
                .method(SdkHttpMethod.POST)
                .uri(endpoint.getPath().isEmpty() ? endpoint.resolve("/") : endpoint)
                .putHeader("Content-Type", "application/x-amz-json-1.1")
                .putHeader("Content-Length", Integer.toString(body.length))
                .putHeader("X-Amz-Target", service.target() + "." + action)
                .build();
        SignedRequest signed = AwsV4HttpSigner.create()
                .sign(it -> it.identity(session.provider().resolveCredentials())
                        .request(request)
                        .payload(payload)
                        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, service.signing())
                        .putProperty(AwsV4HttpSigner.REGION_NAME, service.region()));
        return HttpExecuteRequest.builder()
                .request(signed.request())
                .contentStreamProvider(signed.payload().orElse(payload))
                .build();
    }

    private static String code(JsonNode answer) {
        String type = answer.field("__type").map(JsonNode::text).orElse("");
        return type.substring(type.indexOf('#') + 1);
    }

    private static String message(JsonNode answer) {
        return answer.field("message")
                .or(() -> answer.field("Message"))
                .map(JsonNode::text)
                .orElse("");
    }
}
