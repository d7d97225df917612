package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.schema.PublishedTable;
import io.heliosdb.replication.core.schema.ScopedTable;
import io.heliosdb.replication.core.schema.TableScope;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Takes the rows of a tenant out of a target, after its replication has ended. Only from tables
 * that were replicated here: what else the target has with such a column is none of ours.
 *
 * <p>In one REPEATABLE READ transaction: a replication that begins meanwhile is either seen, and
 * then nothing is removed, or its rows are not.
 */
final class RowRemoval {

    private record Columns(List<String> names, List<String> types) {}

    private final Backend backend;
    private final TargetTransaction transaction;
    private final TableScope scope;

    RowRemoval(Backend backend, TargetTransaction transaction, Tenancy tenancy) {
        this.backend = backend;
        this.transaction = transaction;
        this.scope = new TableScope(tenancy);
    }

    long remove(ReplicationSpec ended) {
        return transaction.whole("BEGIN ISOLATION LEVEL REPEATABLE READ", () -> removed(ended));
    }

    private long removed(ReplicationSpec ended) throws StatementFailure, Rejection {
        String id = ended.id().value();
        String tenant = ended.tenant().value();
        List<String> others =
                backend.select(RemovalSql.OTHERS_OF_TENANT, row -> row.getString(1), tenant, id);
        if (!others.isEmpty()) {
            throw new Rejection(
                    ErrorCode.TARGET_NOT_READY,
                    "",
                    "replication " + others.get(0) + " carries tenant " + tenant + " here");
        }
        Map<TableId, Columns> tables = new TreeMap<>();
        backend.select(
                RemovalSql.TABLES,
                row ->
                        tables.put(
                                new TableId(row.getString(1), row.getString(2)),
                                new Columns(
                                        texts(row.getArray(3).getArray()),
                                        texts(row.getArray(4).getArray()))),
                id,
                id,
                id);
        List<PublishedTable> found = new ArrayList<>();
        tables.forEach(
                (table, columns) -> found.add(new PublishedTable(table, columns.names, null)));
        long rows = 0;
        for (ScopedTable table : scope.of(ended, found)) {
            rows += delete(table, tables.get(table.table()), tenant);
        }
        backend.select(RemovalSql.FORGET, row -> row.getString(1), id, id, id);
        return rows;
    }

    private long delete(ScopedTable table, Columns columns, String tenant) throws StatementFailure {
        String from = "WITH gone AS (DELETE FROM " + table.table().quoted();
        String count = " RETURNING 1) SELECT count(*) FROM gone";
        if (table.key() instanceof TenantKey.Column key) {
            String type = columns.types.get(columns.names.indexOf(key.name()));
            return backend.select(
                            from
                                    + " WHERE "
                                    + TableId.quote(key.name())
                                    + " = CAST(CAST(? AS text) AS "
                                    + type
                                    + ")"
                                    + count,
                            row -> row.getLong(1),
                            tenant)
                    .get(0);
        }
        return backend.select(from + count, row -> row.getLong(1)).get(0);
    }

    private static List<String> texts(Object array) {
        return Arrays.asList((String[]) array);
    }
}
