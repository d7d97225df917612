package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.Removal;
import io.heliosdb.replication.core.schema.PublishedTable;
import io.heliosdb.replication.core.schema.ScopedTable;
import io.heliosdb.replication.core.schema.TableScope;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.TableFilter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes the rows of a tenant out of a target, after its replication has ended. Only from tables
 * that were replicated here: what else the target has with such a column is none of ours.
 *
 * <p>In one transaction that excludes claims of the tenant: whoever carries it is seen, and nobody
 * comes to carry it, or more of it, meanwhile. First the tables go on record, in place of all else
 * that is known of the replication; then each is emptied of the tenant unless somebody else's rows
 * are in it or may come to be.
 */
final class RowRemoval {

    private record Carrier(String id, @Nullable TableFilter tables) {
        boolean mayBring(TableId table) {
            return tables == null || tables.accepts(table);
        }
    }

    private record Due(
            String id,
            String number,
            TableId table,
            @Nullable String keyColumn,
            boolean partitioned,
            @Nullable String keyType,
            boolean copiedSince) {}

    private final Backend backend;
    private final TargetTransaction transaction;
    private final TableScope scope;

    RowRemoval(Backend backend, TargetTransaction transaction, Tenancy tenancy) {
        this.backend = backend;
        this.transaction = transaction;
        this.scope = new TableScope(tenancy);
    }

    Removal remove(ReplicationSpec ended) {
        return transaction.whole("BEGIN", () -> removed(ended));
    }

    private Removal removed(ReplicationSpec ended) throws StatementFailure {
        String id = ended.id().value();
        String tenant = ended.tenant().value();
        texts(RemovalSql.EXCLUDE, tenant);
        texts(RemovalSql.HOLD, id);
        if (texts(RemovalSql.IS_DUE, id).isEmpty()) {
            record(ended);
        }
        texts(RemovalSql.FORGET, id, id, id);
        return settle(id, tenant);
    }

    private void record(ReplicationSpec ended) throws StatementFailure {
        String id = ended.id().value();
        Map<TableId, String> since = new HashMap<>();
        List<PublishedTable> found =
                backend.select(
                        RemovalSql.TABLES,
                        row -> {
                            TableId table = new TableId(row.getString(1), row.getString(2));
                            since.put(table, row.getString(4));
                            Object columns = row.getArray(3).getArray();
                            return new PublishedTable(
                                    table, Arrays.asList((String[]) columns), null);
                        },
                        id,
                        id,
                        id);
        List<ScopedTable> tables = scope.of(ended, found);
        texts(
                RemovalSql.RECORD,
                id,
                ended.tenant().value(),
                tables.stream().map(it -> it.table().quoted()).toArray(String[]::new),
                tables.stream()
                        .map(it -> it.key() instanceof TenantKey.Column key ? key.name() : null)
                        .toArray(String[]::new),
                tables.stream().map(it -> since.get(it.table())).toArray(String[]::new));
    }

    private Removal settle(String id, String tenant) throws StatementFailure {
        List<Carrier> carriers =
                backend.select(
                        RemovalSql.CARRIERS,
                        row -> new Carrier(row.getString(1), FilterText.read(row.getString(2))),
                        tenant);
        List<Due> waiting = new ArrayList<>();
        Set<TableId> emptied = new LinkedHashSet<>();
        String waitingFor = null;
        long rows = 0;
        for (Due due : due(tenant)) {
            if (due.copiedSince) {
                continue;
            }
            Optional<Carrier> carrier =
                    carriers.stream().filter(it -> it.mayBring(due.table)).findFirst();
            if (carrier.isPresent()) {
                waiting.add(due);
                if (due.id.equals(id)) {
                    waitingFor = carrier.get().id;
                }
            } else if (emptied.add(due.table)) {
                rows += delete(due, tenant);
            }
        }
        texts(
                RemovalSql.SETTLE,
                tenant,
                waiting.stream().map(Due::id).toArray(String[]::new),
                waiting.stream().map(Due::number).toArray(String[]::new));
        return new Removal(rows, Optional.ofNullable(waitingFor));
    }

    private List<Due> due(String tenant) throws StatementFailure {
        return backend.select(
                RemovalSql.DUE,
                row ->
                        new Due(
                                row.getString(1),
                                row.getString(2),
                                new TableId(row.getString(3), row.getString(4)),
                                row.getString(5),
                                row.getBoolean(6),
                                row.getString(7),
                                row.getBoolean(8)),
                tenant);
    }

    /** Whose a row is, is decided by the text of its key, as by the copies; equality narrows. */
    private long delete(Due due, String tenant) throws StatementFailure {
        String from =
                "WITH gone AS (DELETE FROM "
                        + (due.partitioned ? "" : "ONLY ")
                        + due.table.quoted();
        String count = " RETURNING 1) SELECT count(*) FROM gone";
        if (due.keyColumn == null) {
            return backend.select(from + count, row -> row.getLong(1)).get(0);
        }
        String value = "CAST(CAST(? AS text) AS " + due.keyType + ")";
        if (!isValue(value, tenant)) {
            return 0;
        }
        String key = TableId.quote(due.keyColumn);
        return backend.select(
                        from
                                + " WHERE "
                                + key
                                + " = "
                                + value
                                + " AND pg_catalog.format('%s', "
                                + key
                                + ") = ?"
                                + count,
                        row -> row.getLong(1),
                        tenant,
                        tenant)
                .get(0);
    }

    /** A tenant that the key's type has no value for has no rows there. */
    private boolean isValue(String value, String tenant) throws StatementFailure {
        transaction.run("SAVEPOINT key");
        try {
            texts("SELECT (" + value + " IS NULL)::text", tenant);
            return true;
        } catch (StatementFailure e) {
            if (!SqlStates.isNoValue(e.sqlState())) {
                throw e;
            }
            transaction.run("ROLLBACK TO SAVEPOINT key");
            return false;
        }
    }

    /** The first column of what a statement returns. */
    private List<String> texts(String sql, Object... parameters) throws StatementFailure {
        return backend.select(sql, row -> row.getString(1), parameters);
    }
}
