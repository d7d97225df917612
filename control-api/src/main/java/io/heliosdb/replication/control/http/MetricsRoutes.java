package io.heliosdb.replication.control.http;

import io.heliosdb.replication.control.access.Permission;
import io.heliosdb.replication.control.http.CommonBodies.AggregateView;
import io.heliosdb.replication.control.http.CommonBodies.GroupMetrics;
import io.heliosdb.replication.control.http.CommonBodies.GroupView;
import io.heliosdb.replication.control.http.CommonBodies.MetricsView;
import io.heliosdb.replication.control.http.CommonBodies.TimeRange;
import io.heliosdb.replication.control.http.Route.Method;
import io.heliosdb.replication.control.http.Route.Tenancy;
import io.heliosdb.replication.control.metrics.Series;
import io.heliosdb.replication.control.metrics.Series.Grouping;
import io.heliosdb.replication.control.metrics.Series.Resolution;
import io.heliosdb.replication.control.metrics.postgres.MetricsRepository;
import io.heliosdb.replication.control.problem.ControlException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Time series, of one replication and over many. */
final class MetricsRoutes {

    private static final Duration STANDARD_RANGE = Duration.ofHours(1);
    private static final int MOST_POINTS = 10_000;
    private static final List<String> RESOLUTIONS =
            Arrays.stream(Resolution.values()).map(Resolution::text).toList();
    private static final List<String> GROUPINGS =
            Arrays.stream(Grouping.values()).map(it -> it.name().toLowerCase()).toList();

    private final MetricsRepository metrics;
    private final InstantSource clock;

    MetricsRoutes(MetricsRepository metrics, InstantSource clock) {
        this.metrics = metrics;
        this.clock = clock;
    }

    List<Route> all() {
        return List.of(
                new RouteBuilder(
                                Method.GET,
                                "/v1/replications/{replication_id}/metrics",
                                "getReplicationMetrics",
                                "Metrics",
                                "Time series of a replication")
                        .on("replication")
                        .needs(Permission.VIEW_METRICS, Tenancy.OF_REPLICATION)
                        .time("start_time", "from here on; default an hour before the end")
                        .time("end_time", "up to here; default now")
                        .choice("resolution", RESOLUTIONS, "1m", "length of an interval")
                        .replies(200, MetricsView.class)
                        .by(this::series),
                new RouteBuilder(
                                Method.GET,
                                "/v1/metrics/aggregate",
                                "getAggregatedMetrics",
                                "Metrics",
                                "Metrics over all replications")
                        .on("metrics")
                        .needs(Permission.VIEW_METRICS, Tenancy.IN_HANDLER)
                        .choice("group_by", GROUPINGS, "qos_tier", "what groups have in common")
                        .time("start_time", "from here on; default an hour before the end")
                        .time("end_time", "up to here; default now")
                        .replies(200, AggregateView.class)
                        .by(this::aggregate));
    }

    private TimeRange range(Call call, @Nullable String resolution) {
        Instant end = call.time("end_time").orElseGet(clock::instant);
        Instant start = call.time("start_time").orElseGet(() -> end.minus(STANDARD_RANGE));
        if (!start.isBefore(end)) {
            throw ControlException.invalid("start_time", "must be before end_time");
        }
        return new TimeRange(start, end, resolution);
    }

    private Object series(Call call) {
        UUID id = call.id("replication_id", "replication");
        String text = ReplicationRoutes.oneOf(call, "resolution", RESOLUTIONS, "1m");
        Resolution resolution = Resolution.parse(text).orElseThrow();
        TimeRange range = range(call, text);
        if (Duration.between(range.start(), range.end()).dividedBy(resolution.step())
                > MOST_POINTS) {
            throw ControlException.invalid(
                    "resolution", "makes more than 10000 points: ask for a coarser one");
        }
        return new MetricsView(
                id, range, metrics.series(id, range.start(), range.end(), resolution).metrics());
    }

    private Object aggregate(Call call) {
        Grouping grouping =
                Grouping.valueOf(
                        ReplicationRoutes.oneOf(call, "group_by", GROUPINGS, "qos_tier")
                                .toUpperCase());
        TimeRange range = range(call, null);
        List<Series.Group> groups =
                metrics.groups(
                        grouping, range.start(), range.end(), call.boundTenant().orElse(null));
        return new AggregateView(
                range,
                groups.stream()
                        .map(
                                it ->
                                        new GroupView(
                                                it.groupKey(),
                                                new GroupMetrics(
                                                        it.avgLagSeconds(),
                                                        it.p99LagSeconds(),
                                                        it.total(),
                                                        it.healthy(),
                                                        it.avgCompressionRatio(),
                                                        it.p50LagSeconds(),
                                                        it.complianceRatio(),
                                                        it.violations(),
                                                        it.backlogTransactions(),
                                                        it.backlogBytes(),
                                                        it.backlogStoredBytes(),
                                                        it.backlogRows(),
                                                        it.backlogOldestAgeSeconds())))
                        .toList());
    }
}
