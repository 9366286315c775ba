package pydron.provision.aws;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import pydron.provision.cloud.Account;
import pydron.provision.cloud.Check;
import pydron.provision.cloud.Check.Outcome;
import pydron.provision.cloud.Offer;
import pydron.provision.model.Money;
import pydron.provision.model.Pool;
import pydron.provision.model.Price;
import pydron.provision.model.Problem;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.sts.model.GetCallerIdentityResponse;

/// What an account of AWS allows and offers. Everything is asked, nothing is started.
public final class AwsAccount implements Account {
    /// Requests are refused from five minutes on.
    private static final Duration CLOCK_BAD = Duration.ofMinutes(4);

    private static final Duration CLOCK_ODD = Duration.ofSeconds(30);

    private final AwsSession session;
    private final AwsTypes types;
    private final AwsImages images;
    private final AwsPrices prices;
    private final AwsQuotas quotas;
    private final AwsPermissions permissions;
    private final AwsReach reach;
    private final Function<Pool, Optional<Problem>> rehearsal;
    private final InstantSource clock;

    /// @param rehearsal starts an instance of a pool as far as the cloud lets one try that
    public AwsAccount(
            AwsSession session,
            AwsTypes types,
            AwsImages images,
            Function<Pool, Optional<Problem>> rehearsal,
            InstantSource clock) {
        this.session = session;
        this.types = types;
        this.images = images;
        this.rehearsal = rehearsal;
        this.clock = clock;
        this.prices = new AwsPrices(session, clock);
        this.quotas = new AwsQuotas(session);
        this.permissions = new AwsPermissions(session);
        this.reach = new AwsReach(session);
    }

    @Override
    public List<Check> check(List<Pool> pools) {
        List<Check> checks = new ArrayList<>();
        if (!credentials(checks)) {
            return checks;
        }
        checks.addAll(permissions.check());
        for (Pool pool : pools) {
            checks.addAll(pool(pool));
        }
        checks.addAll(reach.check());
        checks.addAll(quotas.check(pools));
        checks.addAll(prices(pools));
        return checks;
    }

    /// Whether there is any use in asking further.
    private boolean credentials(List<Check> checks) {
        try {
            AwsKeys keys = session.keys();
            Instant before = clock.instant();
            GetCallerIdentityResponse caller =
                    session.call("GetCallerIdentity", () -> session.sts().getCallerIdentity());
            String until = keys.until()
                    .map(it -> "valid until " + it.truncatedTo(ChronoUnit.SECONDS))
                    .orElse(keys.session().isPresent() ? "temporary" : "without an end");
            checks.add(new Check(
                    "credentials",
                    keys.until()
                                    .filter(before.plus(Duration.ofHours(1))::isAfter)
                                    .isPresent()
                            ? Outcome.WARNING
                            : Outcome.GOOD,
                    caller.arn() + " from " + session.source() + ", " + until + ", region " + session.region()));
            clock(caller.sdkHttpResponse(), before).ifPresent(checks::add);
            return true;
        } catch (AwsFailure failure) {
            String hint = failure.problem() instanceof Problem.Unknown
                    ? "; is '" + session.region() + "' the right region, and the network up?"
                    : "";
            checks.add(new Check("credentials", Outcome.BAD, failure.problem().text() + hint));
            if (failure.getCause() instanceof AwsServiceException said
                    && said.awsErrorDetails() != null
                    && said.awsErrorDetails().sdkHttpResponse() != null) {
                clock(said.awsErrorDetails().sdkHttpResponse(), clock.instant()).ifPresent(checks::add);
            }
            return false;
        }
    }

    private static Optional<Check> clock(SdkHttpResponse response, Instant here) {
        return response.firstMatchingHeader("Date").flatMap(date -> {
            try {
                Instant there = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date));
                Duration off = Duration.between(there, here);
                Outcome outcome = off.abs().compareTo(CLOCK_BAD) > 0
                        ? Outcome.BAD
                        : off.abs().compareTo(CLOCK_ODD) > 0 ? Outcome.WARNING : Outcome.GOOD;
                String text = outcome == Outcome.GOOD
                        ? "as that of AWS"
                        : "this machine's clock is " + off.abs().toSeconds() + " s "
                                + (off.isNegative() ? "behind" : "ahead of")
                                + " that of AWS: set it, best by NTP; AWS refuses requests from 300 s on";
                return Optional.of(new Check("clock", outcome, text));
            } catch (DateTimeParseException e) {
                return Optional.empty();
            }
        });
    }

    private List<Check> pool(Pool pool) {
        String what = "pool '" + pool.name() + "'";
        String type = pool.machine().type();
        List<Check> checks = new ArrayList<>();
        try {
            AwsTypes.Type known = types.of(type);
            AwsImages.Choice image = images.forType(type);
            boolean larger = pool.size().cores() > known.size().cores()
                    || pool.size().memory() > known.size().memory()
                    || pool.size().gpus() > known.size().gpus();
            String has = type + " has " + known.size().cores() + " cores, "
                    + (known.size().memory() >> 20) + " MiB, " + known.size().gpus() + " GPUs (" + known.architecture()
                    + ")";
            checks.add(new Check(
                    what,
                    larger ? Outcome.BAD : Outcome.GOOD,
                    larger
                            ? has + ", and the settings say that it has more: correct them"
                            : has + ", image " + image.id() + " " + image.name()));
            TreeSet<String> zones = new TreeSet<>(types.zones(type));
            String zone = pool.machine().zone();
            if (!zone.isEmpty() && !zones.contains(zone)) {
                checks.add(new Check(
                        what,
                        Outcome.BAD,
                        type + " is not offered in zone '" + zone + "', only in " + String.join(", ", zones)));
            }
            if (pool.price().spot() && !known.spot()) {
                checks.add(new Check(what, Outcome.BAD, type + " cannot be had as spot"));
            }
            Optional<Problem> refused = rehearsal.apply(pool);
            checks.add(new Check(
                    what,
                    refused.isEmpty() ? Outcome.GOOD : Outcome.BAD,
                    refused.map(it -> "a start as a trial: " + it.text()).orElse("could be started, as a trial says")));
        } catch (AwsFailure failure) {
            checks.add(new Check(what, Outcome.BAD, failure.problem().text()));
        }
        return checks;
    }

    private List<Check> prices(List<Pool> pools) {
        AwsPrices.OnDemand list = prices.onDemand();
        List<Check> checks = new ArrayList<>();
        list.dated()
                .ifPresentOrElse(
                        why -> checks.add(new Check(
                                "prices",
                                Outcome.WARNING,
                                "the price list cannot be read (" + why + "): prices are those of " + list.asOf()
                                        + "; the action pricing:GetProducts allows it")),
                        () -> checks.add(new Check(
                                "prices", Outcome.GOOD, list.perHour().size() + " types, of " + list.asOf())));
        for (Pool pool : pools) {
            Money listed = list.perHour().get(pool.machine().type());
            if (!pool.price().spot() && listed != null && listed.compareTo(pool.perHour()) > 0) {
                checks.add(new Check(
                        "pool '" + pool.name() + "'",
                        Outcome.WARNING,
                        "costs " + listed + " USD an hour by the price list of " + list.asOf()
                                + ", and the settings say " + pool.perHour() + ": limits on money count with that"));
            }
        }
        return checks;
    }

    @Override
    public List<Offer> offers() {
        List<AwsTypes.Type> all;
        try {
            all = types.all();
        } catch (AwsFailure failure) {
            return List.of();
        }
        AwsPrices.OnDemand onDemand = prices.onDemand();
        Map<String, Money> spot = spot();
        LocalDate today = clock.instant().atOffset(ZoneOffset.UTC).toLocalDate();
        List<Offer> offers = new ArrayList<>();
        for (AwsTypes.Type type : all) {
            Optional<Price> price =
                    Optional.ofNullable(onDemand.perHour().get(type.name())).map(it -> new Price(it, false));
            offers.add(new Offer(type.name(), type.size(), price, onDemand.asOf(), type.machine()));
            if (type.spot() && spot.containsKey(type.name())) {
                Price low = new Price(spot.get(type.name()), true);
                offers.add(new Offer(type.name(), type.size(), Optional.of(low), today, type.machine()));
            }
        }
        offers.sort(Comparator.<Offer>comparingLong(
                        it -> it.price().map(price -> price.perHour().micros()).orElse(Long.MAX_VALUE))
                .thenComparing(Offer::type));
        return offers;
    }

    /// None when they cannot be read: on demand is there all the same.
    private Map<String, Money> spot() {
        try {
            return prices.spot();
        } catch (AwsFailure failure) {
            return Map.of();
        }
    }
}
