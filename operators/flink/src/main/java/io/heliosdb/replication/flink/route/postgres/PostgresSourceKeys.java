package io.heliosdb.replication.flink.route.postgres;

import io.heliosdb.replication.core.signed.SigningKeys;
import io.heliosdb.replication.core.signed.postgres.SourceSigningKeys;
import io.heliosdb.replication.flink.route.SourceKeys;
import io.heliosdb.replication.model.config.PipelineConfig;

/** The keys in {@code heliosdb.signing_key} of the source. */
public final class PostgresSourceKeys implements SourceKeys {

    private static final long serialVersionUID = 1L;

    @Override
    public SigningKeys open(PipelineConfig config) {
        return new SourceSigningKeys(config.source().database());
    }
}
