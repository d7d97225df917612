package io.heliosdb.replication.control.http;

import io.heliosdb.replication.control.json.EnumNames;
import io.heliosdb.replication.control.launch.SourceJob.Phase;
import io.heliosdb.replication.model.ReplicationState;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.GaugeMetricFamily;
import io.prometheus.client.Histogram;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/** What this process tells Prometheus. The README has the table. */
final class ControlMetrics {

    private final CollectorRegistry registry = new CollectorRegistry();
    private final Counter requests =
            Counter.build("heliosdb_api_requests_total", "Requests by endpoint and status")
                    .labelNames("operation", "status")
                    .register(registry);
    private final Histogram seconds =
            Histogram.build("heliosdb_api_request_seconds", "Time to answer")
                    .labelNames("operation")
                    .buckets(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5)
                    .register(registry);
    private final Counter refused =
            Counter.build("heliosdb_api_refused_total", "Refused requests by error code")
                    .labelNames("code")
                    .register(registry);

    /**
     * @param replications how many are in each state, asked at each scrape
     * @param served how replications are, the same
     * @param jobs how many are in each phase, the same
     */
    ControlMetrics(
            Supplier<Map<ReplicationState, Long>> replications,
            Supplier<Map<Phase, Long>> jobs,
            Collector served,
            IntSupplier busyStoreSessions) {
        new Collector() {
            @Override
            public List<MetricFamilySamples> collect() {
                GaugeMetricFamily states =
                        new GaugeMetricFamily(
                                "heliosdb_api_replications",
                                "Replications by state",
                                List.of("status"));
                Map<ReplicationState, Long> counts = replications.get();
                for (ReplicationState state : ReplicationState.values()) {
                    states.addMetric(List.of(EnumNames.of(state)), counts.getOrDefault(state, 0L));
                }
                List<MetricFamilySamples> families = new ArrayList<>();
                families.add(states);
                GaugeMetricFamily phases =
                        new GaugeMetricFamily(
                                "heliosdb_api_jobs", "Jobs of sources by phase", List.of("phase"));
                Map<Phase, Long> inPhase = jobs.get();
                for (Phase phase : Phase.values()) {
                    phases.addMetric(List.of(EnumNames.of(phase)), inPhase.getOrDefault(phase, 0L));
                }
                families.add(phases);
                families.add(
                        new GaugeMetricFamily(
                                "heliosdb_api_store_sessions_busy",
                                "Sessions of the metadata store in use",
                                busyStoreSessions.getAsInt()));
                return families;
            }
        }.register(registry);
        registry.register(served);
    }

    void answered(String operation, int status, long nanos) {
        requests.labels(operation, String.valueOf(status)).inc();
        seconds.labels(operation).observe(nanos / 1e9);
    }

    void refused(String code) {
        refused.labels(code).inc();
    }

    Text exposition() {
        StringWriter text = new StringWriter();
        try {
            TextFormat.write004(text, registry.metricFamilySamples());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Text(TextFormat.CONTENT_TYPE_004, text.toString());
    }
}
