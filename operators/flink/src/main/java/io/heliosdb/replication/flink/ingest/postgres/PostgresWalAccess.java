package io.heliosdb.replication.flink.ingest.postgres;

import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.ingest.WalPosition;
import io.heliosdb.replication.core.ingest.WalReader;
import io.heliosdb.replication.core.ingest.postgres.PostgresWalReader;
import io.heliosdb.replication.core.ingest.postgres.SourceAdmin;
import io.heliosdb.replication.flink.ingest.WalAccess;
import io.heliosdb.replication.flink.ingest.WalSplit;
import io.heliosdb.replication.flink.synchronous.StandbyPositions;
import io.heliosdb.replication.model.config.SourceConfig;

/** The real thing: slot and stream of a PostgreSQL database. */
public final class PostgresWalAccess implements WalAccess {

    private static final long serialVersionUID = 1L;

    @Override
    public WalSplit begin(SourceConfig config) {
        SourceIdentity source = SourceAdmin.identify(config.database());
        return new WalSplit(
                source,
                config.slot(),
                WalPosition.at(SourceAdmin.begin(config).value()),
                SourceAdmin.timeline(config.database()).timeline());
    }

    @Override
    public WalReader open(SourceConfig config, WalSplit split) {
        return PostgresWalReader.open(
                config,
                split.source(),
                split.position(),
                split.timeline(),
                StandbyPositions.of(config));
    }
}
