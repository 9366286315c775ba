package pydron.provision.ec2;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The price list and the quotas, which speak JSON: what is asked for is in a header and a flat body.
final class JsonCalls {
    private static final Pattern QUOTA = Pattern.compile("\"QuotaCode\"\\s*:\\s*\"([A-Z0-9-]+)\"");
    private static final Pattern TOKEN = Pattern.compile("\"NextToken\"\\s*:\\s*\"([0-9]+)\"");
    private static final int PAGE = 3;

    private final Region region;
    private final Calls.Account account;

    JsonCalls(Region region, Calls.Account account) {
        this.region = region;
        this.account = account;
    }

    String answer(String target, String body) {
        return switch (target) {
            case "AWSPriceListService.GetProducts" -> products(body);
            case "ServiceQuotasV20190624.GetServiceQuota" -> quota(body);
            default -> throw ApiError.bad("UnknownOperationException", target);
        };
    }

    private String products(String body) {
        if (!body.contains("\"" + region.name + "\"") || !body.contains("AmazonEC2")) {
            return "{\"FormatVersion\":\"aws_v1\",\"PriceList\":[]}";
        }
        Matcher token = TOKEN.matcher(body);
        int from = token.find() ? Integer.parseInt(token.group(1)) : 0;
        List<Catalogue.Type> page =
                Catalogue.TYPES.stream().skip(from).limit(PAGE).toList();
        String prices = page.stream().map(JsonCalls::product).collect(Collectors.joining(","));
        String next = from + PAGE < Catalogue.TYPES.size() ? ",\"NextToken\":\"" + (from + PAGE) + "\"" : "";
        return "{\"FormatVersion\":\"aws_v1\",\"PriceList\":[" + prices + "]" + next + "}";
    }

    /// Products come as JSON within a string.
    private static String product(Catalogue.Type type) {
        String json = ("{'product':{'productFamily':'Compute Instance','attributes':{'instanceType':'%s',"
                        + "'regionCode':'eu-central-1','vcpu':'%d'},'sku':'S%s'},'serviceCode':'AmazonEC2',"
                        + "'terms':{'OnDemand':{'S.J':{'priceDimensions':{'S.J.6':{'unit':'Hrs',"
                        + "'pricePerUnit':{'USD':'%s00000000'}}},'effectiveDate':'2026-11-01T00:00:00Z'}}},"
                        + "'publicationDate':'2026-11-20T10:00:00Z'}")
                .formatted(type.name(), type.cores(), type.name().hashCode(), type.perHour());
        return "\"" + json.replace("'", "\\\"") + "\"";
    }

    private String quota(String body) {
        Matcher code = QUOTA.matcher(body);
        if (!code.find()) {
            throw ApiError.bad("IllegalArgumentException", "no quota code");
        }
        int value = switch (code.group(1)) {
            case "L-1216C47A" -> account.cores;
            case "L-34B43A08" -> account.spotCores;
            case "L-DB2E81BA", "L-3819A6DF" -> 0;
            default -> throw ApiError.bad("NoSuchResourceException", code.group(1));
        };
        return String.format(
                Locale.ROOT,
                "{\"Quota\":{\"QuotaCode\":\"%s\",\"ServiceCode\":\"ec2\",\"Value\":%d.0,\"Adjustable\":true}}",
                code.group(1),
                value);
    }
}
