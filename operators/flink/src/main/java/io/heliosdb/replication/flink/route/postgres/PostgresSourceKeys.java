package io.heliosdb.replication.flink.route.postgres;

import io.heliosdb.replication.core.route.SourceAccess;
import io.heliosdb.replication.core.route.postgres.SourceColumnQuery;
import io.heliosdb.replication.core.signed.postgres.SourceSigningKeys;
import io.heliosdb.replication.flink.route.SourceKeys;
import io.heliosdb.replication.model.config.PipelineConfig;

/** The keys in {@code heliosdb.signing_key} of the source, and its catalog. */
public final class PostgresSourceKeys implements SourceKeys {

    private static final long serialVersionUID = 1L;

    @Override
    public SourceAccess open(PipelineConfig config) {
        return new SourceAccess(
                new SourceSigningKeys(config.source().database()),
                config.source().publication(),
                new SourceColumnQuery(config.source().database()));
    }
}
