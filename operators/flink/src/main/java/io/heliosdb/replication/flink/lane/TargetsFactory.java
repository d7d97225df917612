package io.heliosdb.replication.flink.lane;

import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.core.control.ResyncOrders;
import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.ingest.SourceTimeline;
import io.heliosdb.replication.core.snapshot.SyncEngine;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.TargetConfig;
import java.io.Serializable;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Makes what the lanes talk to databases with. Travels with the job graph. */
@FunctionalInterface
public interface TargetsFactory extends Serializable {

    /**
     * Sessions by target and session name, engines for first copies by target, whose stream this
     * is, and orders through it.
     */
    record Targets(
            SourceIdentity source,
            SourceTimeline timeline,
            BiFunction<TargetConfig, String, TargetSession> sessions,
            Function<TargetConfig, SyncEngine> syncEngines,
            ResyncOrders orders) {}

    Targets open(PipelineConfig config, int subtask);
}
