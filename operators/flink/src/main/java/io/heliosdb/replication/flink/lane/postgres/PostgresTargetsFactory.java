package io.heliosdb.replication.flink.lane.postgres;

import io.heliosdb.replication.core.apply.TargetSessionFactory;
import io.heliosdb.replication.core.apply.postgres.PostgresTargets;
import io.heliosdb.replication.core.control.postgres.ResyncSender;
import io.heliosdb.replication.core.ingest.postgres.SourceAdmin;
import io.heliosdb.replication.core.snapshot.postgres.PostgresSyncEngine;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.flink.lane.TargetsFactory;
import io.heliosdb.replication.model.config.PipelineConfig;

/** Real sessions and first copies. */
public final class PostgresTargetsFactory implements TargetsFactory {

    private static final long serialVersionUID = 1L;

    @Override
    public Targets open(PipelineConfig config, int subtask) {
        Tenancy tenancy = new Tenancy(config.tenancy());
        TargetSessionFactory sessions = new PostgresTargets();
        return new Targets(
                SourceAdmin.identify(config.source().database()),
                SourceAdmin.timeline(config.source().database()),
                (target, name) ->
                        sessions.open(
                                target,
                                tenancy,
                                sessionName(config.source().slot(), subtask, name)),
                target ->
                        new PostgresSyncEngine(
                                config.source(), target, tenancy, config.job().syncWorkers()),
                new ResyncSender(config.source().database()));
    }

    /** Unique among the jobs that write to a target, the same after a restart, and short. */
    private static String sessionName(String slot, int subtask, String worker) {
        String unique = Integer.toHexString((slot + "/" + worker).hashCode());
        String readable = worker.length() > 24 ? worker.substring(worker.length() - 24) : worker;
        return readable + "-" + subtask + "-" + unique;
    }
}
