package io.heliosdb.replication.flink.lane.postgres;

import io.heliosdb.replication.core.apply.postgres.TargetSessionFactory;
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
        TargetSessionFactory sessions = new TargetSessionFactory();
        return new Targets(
                SourceAdmin.identify(config.source().database()),
                (target, name) ->
                        sessions.open(
                                target,
                                tenancy,
                                config.source().slot() + "-" + subtask + "-" + name),
                target ->
                        new PostgresSyncEngine(
                                config.source(), target, tenancy, config.job().syncWorkers()));
    }
}
