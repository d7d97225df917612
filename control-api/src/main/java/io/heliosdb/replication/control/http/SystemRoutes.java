package io.heliosdb.replication.control.http;

import io.heliosdb.replication.control.access.Permission;
import io.heliosdb.replication.control.http.CommonBodies.HealthView;
import io.heliosdb.replication.control.http.CommonBodies.ReadyView;
import io.heliosdb.replication.control.http.CommonBodies.Status;
import io.heliosdb.replication.control.http.Route.Method;
import io.heliosdb.replication.control.http.Route.Tenancy;
import io.heliosdb.replication.control.launch.JobHealth;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Health for machines, metrics for Prometheus. */
final class SystemRoutes {

    private static final String TAG = "System";

    private final BooleanSupplier storeIsAlive;
    private final Supplier<JobHealth> jobs;
    private final ControlMetrics metrics;
    private final String version;
    private final InstantSource clock;
    private final Instant startedAt;

    SystemRoutes(
            BooleanSupplier storeIsAlive,
            Supplier<JobHealth> jobs,
            ControlMetrics metrics,
            String version,
            InstantSource clock) {
        this.storeIsAlive = storeIsAlive;
        this.jobs = jobs;
        this.metrics = metrics;
        this.version = version;
        this.clock = clock;
        this.startedAt = clock.instant();
    }

    List<Route> all() {
        return List.of(
                open("/health", "getHealth", "Whether the service is alive", HealthView.class)
                        .by(this::health),
                open("/v1/health", "getHealthBelowVersion", "The same", HealthView.class)
                        .by(this::health),
                open("/ready", "getReady", "Whether it can serve", ReadyView.class).by(this::ready),
                open("/v1/ready", "getReadyBelowVersion", "The same", ReadyView.class)
                        .by(this::ready),
                new RouteBuilder(
                                Method.GET,
                                "/metrics",
                                "getMetrics",
                                TAG,
                                "For Prometheus, as text")
                        .on("metrics")
                        .needs(Permission.VIEW_METRICS, Tenancy.GLOBAL)
                        .replies(200, Text.class)
                        .by(call -> metrics.exposition()));
    }

    private static RouteBuilder open(
            String path, String operation, String summary, Class<?> response) {
        return new RouteBuilder(Method.GET, path, operation, TAG, summary).replies(200, response);
    }

    private Object health(Call call) {
        Status store = storeIsAlive.getAsBoolean() ? Status.HEALTHY : Status.UNHEALTHY;
        Status workers = Status.UNKNOWN;
        Status feed = Status.UNKNOWN;
        if (store == Status.HEALTHY) {
            JobHealth health = jobs.get();
            if (health.jobs() > 0) {
                feed = health.silent() > 0 ? Status.DEGRADED : Status.HEALTHY;
                workers =
                        health.failed() > 0
                                ? Status.UNHEALTHY
                                : health.failing() > 0 ? Status.DEGRADED : Status.HEALTHY;
            }
        }
        Map<String, Status> checks = new TreeMap<>();
        checks.put("database", store);
        checks.put("message_queue", feed);
        checks.put("worker_pool", workers);
        boolean degraded =
                feed == Status.DEGRADED
                        || workers == Status.DEGRADED
                        || workers == Status.UNHEALTHY;
        return new HealthView(
                store == Status.HEALTHY && degraded ? Status.DEGRADED : store,
                version,
                Duration.between(startedAt, clock.instant()).toSeconds(),
                checks);
    }

    private Object ready(Call call) {
        boolean ready = storeIsAlive.getAsBoolean();
        return Reply.of(ready ? 200 : 503, new ReadyView(ready));
    }
}
