package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.core.control.ResyncOrders;
import io.heliosdb.replication.core.feed.SecretOpener;
import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.ingest.SourceTimeline;
import io.heliosdb.replication.core.report.LaneReport;
import io.heliosdb.replication.core.secret.TenantKeys;
import io.heliosdb.replication.core.snapshot.SyncEngine;
import io.heliosdb.replication.core.synchronous.ApplyReply;
import io.heliosdb.replication.model.config.TargetConfig;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link LaneEngine} needs from outside.
 *
 * @param sessions make a session of a target, under a name that no other session of it has
 * @param owner runs what is to run on the engine's thread
 * @param keys what waits in the store is encrypted with; null if it is not. Closed by the engine,
 *     as {@code orders} is
 * @param replies takes what targets of Synchronous replications have, on the engine's thread
 * @param control null: there is no metadata store
 * @param subtasks so many engines share what may go to a target
 */
public record LaneEnvironment(
        List<TargetConfig> targets,
        long memoryBudgetBytes,
        SourceIdentity source,
        SourceTimeline timeline,
        LaneStore store,
        BiFunction<TargetConfig, String, TargetSession> sessions,
        Function<TargetConfig, SyncEngine> syncEngines,
        Executor owner,
        Timers timers,
        InstantSource clock,
        @Nullable TenantKeys keys,
        ResyncOrders orders,
        Consumer<List<ApplyReply>> replies,
        @Nullable Control control,
        int subtasks) {

    /**
     * The metadata store's side.
     *
     * @param secrets opens the passwords of targets that come in the stream
     * @param output takes what is told; on the engine's thread
     */
    public record Control(SecretOpener secrets, Consumer<LaneReport> output) {}
}
