package pydron.provision.aws;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import pydron.provision.model.Money;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;
import software.amazon.awssdk.services.ec2.model.DescribeSpotPriceHistoryRequest;
import software.amazon.awssdk.services.ec2.model.SpotPrice;

/// What instances of Linux cost in the region, per hour in US dollars.
final class AwsPrices {
    /// @param asOf the day for which they hold
    /// @param dated from the table that comes with Pydron, since the price list did not answer: why
    record OnDemand(Map<String, Money> perHour, LocalDate asOf, Optional<String> dated) {
        OnDemand {
            perHour = Map.copyOf(perHour);
        }
    }

    private static final String TABLE = "prices.csv";
    /// A region has some thousand types; a price list without end is none.
    private static final int MOST_PAGES = 200;

    private final AwsSession session;
    private final InstantSource clock;
    private final SignedJson list;

    AwsPrices(AwsSession session, InstantSource clock) {
        this.session = session;
        this.clock = clock;
        this.list = new SignedJson(
                session,
                new SignedJson.Service("pricing", "PRICING", "api.pricing", "us-east-1", "AWSPriceListService"));
    }

    private LocalDate today() {
        return clock.instant().atOffset(ZoneOffset.UTC).toLocalDate();
    }

    OnDemand onDemand() {
        try {
            Map<String, Money> prices = new HashMap<>();
            String token = "";
            for (int page = 0; page == 0 || !token.isEmpty() && page < MOST_PAGES; page++) {
                JsonNode answer = list.call("GetProducts", request(token));
                answer.field("PriceList")
                        .map(JsonNode::asArray)
                        .orElse(List.of())
                        .forEach(it -> read(it, prices));
                token = answer.field("NextToken")
                        .filter(JsonNode::isString)
                        .map(JsonNode::text)
                        .orElse("");
            }
            return prices.isEmpty()
                    ? table("the price list has nothing about " + session.region())
                    : new OnDemand(prices, today(), Optional.empty());
        } catch (AwsFailure failure) {
            return table(failure.getMessage());
        }
    }

    private String request(String token) {
        String filters = Stream.of(
                        "regionCode=" + session.region(),
                        "operatingSystem=Linux",
                        "tenancy=Shared",
                        "preInstalledSw=NA",
                        "capacitystatus=Used",
                        "marketoption=OnDemand")
                .map(it -> it.split("="))
                .map(it -> "{\"Type\":\"TERM_MATCH\",\"Field\":\"" + it[0] + "\",\"Value\":\"" + it[1] + "\"}")
                .collect(Collectors.joining(","));
        String next = token.isEmpty() ? "" : ",\"NextToken\":\"" + token.replace("\"", "") + "\"";
        return "{\"ServiceCode\":\"AmazonEC2\",\"FormatVersion\":\"aws_v1\",\"MaxResults\":100,\"Filters\":[" + filters
                + "]" + next + "}";
    }

    /// A product is JSON within a string of the answer. What does not look like one is passed over.
    private static void read(JsonNode entry, Map<String, Money> prices) {
        JsonNode product = entry.isString() ? JsonNode.parser().parse(entry.text()) : entry;
        Optional<String> type = product.field("product")
                .flatMap(it -> it.field("attributes"))
                .flatMap(it -> it.field("instanceType"))
                .map(JsonNode::text);
        Optional<Money> price = product.field("terms")
                .flatMap(it -> it.field("OnDemand"))
                .flatMap(AwsPrices::first)
                .flatMap(it -> it.field("priceDimensions"))
                .flatMap(AwsPrices::first)
                .filter(it -> it.field("unit")
                        .map(JsonNode::text)
                        .filter("Hrs"::equals)
                        .isPresent())
                .flatMap(it -> it.field("pricePerUnit"))
                .flatMap(it -> it.field("USD"))
                .flatMap(it -> amount(it.text()));
        // Reservations that are not used are listed at nothing.
        if (type.isPresent() && price.isPresent() && price.get().micros() > 0) {
            prices.merge(type.get(), price.get(), (a, b) -> a.compareTo(b) > 0 ? a : b);
        }
    }

    private static Optional<JsonNode> first(JsonNode object) {
        return object.isObject() ? object.asObject().values().stream().findFirst() : Optional.empty();
    }

    private static Optional<Money> amount(String text) {
        return text.matches("[0-9]{1,7}(\\.[0-9]{1,12})?")
                ? Optional.of(Money.of(new BigDecimal(text)))
                : Optional.empty();
    }

    private OnDemand table(String why) {
        Map<String, Money> prices = new HashMap<>();
        LocalDate asOf = LocalDate.EPOCH;
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(AwsPrices.class.getResourceAsStream(TABLE), StandardCharsets.UTF_8))) {
            for (String[] line : lines.lines().map(it -> it.split(",")).toList()) {
                if (line[0].equals("as of")) {
                    asOf = LocalDate.parse(line[1]);
                } else if (line[0].equals(session.region())) {
                    prices.put(line[1], Money.of(line[2]));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new OnDemand(prices, asOf, Optional.of(why));
    }

    /// The highest of all zones at present: a pool may name any.
    ///
    /// @throws AwsFailure when it cannot be found out
    Map<String, Money> spot() {
        Instant now = clock.instant();
        Map<String, SpotPrice> last = new HashMap<>();
        session.call(
                        "DescribeSpotPriceHistory",
                        () -> session
                                .ec2()
                                .describeSpotPriceHistoryPaginator(DescribeSpotPriceHistoryRequest.builder()
                                        .productDescriptions("Linux/UNIX")
                                        .startTime(now.minus(Duration.ofMinutes(1)))
                                        .endTime(now)
                                        .maxResults(1000)
                                        .build())
                                .spotPriceHistory()
                                .stream()
                                .toList())
                .forEach(it -> last.merge(
                        it.instanceTypeAsString() + "@" + it.availabilityZone(),
                        it,
                        (a, b) -> a.timestamp().isAfter(b.timestamp()) ? a : b));
        Map<String, Money> prices = new HashMap<>();
        for (SpotPrice price : last.values()) {
            amount(price.spotPrice())
                    .ifPresent(
                            it -> prices.merge(price.instanceTypeAsString(), it, (a, b) -> a.compareTo(b) > 0 ? a : b));
        }
        return prices;
    }
}
