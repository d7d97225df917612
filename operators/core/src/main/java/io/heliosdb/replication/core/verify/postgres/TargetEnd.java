package io.heliosdb.replication.core.verify.postgres;

import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.core.progress.ProgressRow;
import io.heliosdb.replication.core.progress.postgres.ProgressStore;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.TargetConfig;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** One target: first waited for, then read in one snapshot, progress and rows together. */
final class TargetEnd implements AutoCloseable {

    private final TargetConfig config;
    private final Frozen frozen;
    private final ProgressStore store;

    private TargetEnd(TargetConfig config, Frozen frozen) {
        this.config = config;
        this.frozen = frozen;
        this.store = new ProgressStore(frozen.keeper());
    }

    static TargetEnd open(TargetConfig config, Duration lockTimeout) throws SQLException {
        return new TargetEnd(
                config, Frozen.open(config.database(), Connections.Endpoint.TARGET, lockTimeout));
    }

    String name() {
        return config.name();
    }

    Frozen frozen() {
        return frozen;
    }

    /** From now on everything is read in one snapshot. */
    void freeze() throws SQLException {
        frozen.freeze(null);
    }

    /** Progress by replication; empty if this target has never been one. */
    Map<ReplicationId, ProgressRow> progress() throws SQLException {
        Map<ReplicationId, ProgressRow> rows = new LinkedHashMap<>();
        store.rows().forEach(row -> rows.put(row.replication(), row));
        return rows;
    }

    /** Tables whose first copy is finished, with the LSN from which on they are consistent. */
    Map<ReplicationId, Map<TableId, Lsn>> syncedTables() throws SQLException {
        Map<ReplicationId, Map<TableId, Lsn>> synced = new HashMap<>();
        if (!store.exists()) {
            return synced;
        }
        try (Statement statement = frozen.keeper().createStatement();
                ResultSet row = statement.executeQuery(VerifySql.SYNCED_TABLES)) {
            while (row.next()) {
                synced.computeIfAbsent(new ReplicationId(row.getString(1)), id -> new HashMap<>())
                        .put(
                                new TableId(row.getString(2), row.getString(3)),
                                Lsn.parse(row.getString(4)));
            }
        }
        return synced;
    }

    @Override
    public void close() {
        frozen.close();
    }
}
