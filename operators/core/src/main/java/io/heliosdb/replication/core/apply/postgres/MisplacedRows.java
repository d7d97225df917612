package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.ddl.Carriage;
import io.heliosdb.replication.core.ddl.TableChange;
import io.heliosdb.replication.core.ddl.TableShape;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.config.TableFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rows that are in the way of a table that becomes a partition: in it and beyond its bounds, or
 * within them in the default partition. The source had moved or deleted them by then. Those of
 * replications that have not come so far are taken away, and these copy the table when they come
 * there; nobody waits for them.
 */
final class MisplacedRows {

    private static final Logger LOG = LoggerFactory.getLogger(MisplacedRows.class);

    private static final String SAVEPOINT = "SAVEPOINT heliosdb_place";
    private static final String BACK = "ROLLBACK TO SAVEPOINT heliosdb_place";
    private static final String RELEASE = "RELEASE SAVEPOINT heliosdb_place";

    /** Of the default partition, if there is one. Schema and name of the parent. */
    private static final String DEFAULT_OF =
            """
            SELECT dn.nspname, d.relname
            FROM pg_catalog.pg_partitioned_table p
            JOIN pg_catalog.pg_class c ON c.oid = p.partrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_class d ON d.oid = p.partdefid
            JOIN pg_catalog.pg_namespace dn ON dn.oid = d.relnamespace
            WHERE n.nspname = ? AND c.relname = ?
            """;

    private static final String PROBE = "heliosdb.ddl_probe";

    private static final String CONDITION =
            "SELECT pg_catalog.pg_get_partition_constraintdef('" + PROBE + "'::regclass)";

    /**
     * Who has not come to an event: source, LSN, ordinal, the replication that has; then the names
     * of a table twice, as it may be marked for a copy.
     */
    private static final String BEHIND =
            """
            SELECT p.tenant_id, p.table_filter,
                   EXISTS (SELECT FROM heliosdb.copy_mark m
                           WHERE m.replication_id = p.replication_id
                             AND (m.schema_name, m.table_name) IN ((?, ?), (?, ?)))
            FROM heliosdb.replication_progress p
            WHERE p.source_id = ? AND p.state <> 'STOPPED'
              AND (p.commit_lsn, p.ordinal) < (?::pg_lsn, ?) AND p.replication_id <> ?
            """;

    private record Behind(TenantId tenant, TableFilter tables, boolean marked) {}

    private final Backend backend;
    private final TargetTransaction transaction;
    private final Tenancy tenancy;

    MisplacedRows(Backend backend, TargetTransaction transaction, Tenancy tenancy) {
        this.backend = backend;
        this.transaction = transaction;
        this.tenancy = tenancy;
    }

    /** Whether the table becomes a partition. */
    static boolean mayBeInTheWayOf(TableChange change) {
        TableShape before = change.before();
        TableShape after = change.after();
        return after != null
                && after.definition().partitionOf() != null
                && (before == null || before.definition().partitionOf() == null);
    }

    /**
     * Runs a statement of the change; again without the rows that were in its way.
     *
     * @return whether rows were taken away
     */
    boolean run(String sql, DdlRecords.Place place, TableChange change, ReplicationId own)
            throws StatementFailure {
        transaction.run(SAVEPOINT);
        try {
            transaction.run(sql, RELEASE);
            return false;
        } catch (StatementFailure e) {
            if (!SqlStates.CHECK_VIOLATION.equals(e.sqlState())) {
                throw e;
            }
            transaction.run(BACK, RELEASE);
            if (remove(place, change, own) == 0) {
                throw e;
            }
            transaction.run(sql);
            return true;
        }
    }

    private long remove(DdlRecords.Place place, TableChange change, ReplicationId own)
            throws StatementFailure {
        TableShape after = Objects.requireNonNull(change.after());
        TableShape before = Objects.requireNonNullElse(change.before(), after);
        TableDefinition.Partition partition =
                Objects.requireNonNull(after.definition().partitionOf());
        if (!(tenancy.keyOf(after.id(), before.columnNames()) instanceof TenantKey.Column key)) {
            return 0;
        }
        List<String> tenants = behind(place, after, own);
        if (tenants.isEmpty()) {
            return 0;
        }
        TableId remaining =
                backend
                        .select(
                                DEFAULT_OF,
                                row -> new TableId(row.getString(1), row.getString(2)),
                                partition.parent().schema(),
                                partition.parent().name())
                        .stream()
                        .findFirst()
                        .orElse(null);
        transaction.run(
                "LOCK TABLE "
                        + after.id().quoted()
                        + (remaining == null ? "" : ", " + remaining.quoted())
                        + " IN ACCESS EXCLUSIVE MODE");
        String condition = condition(partition, remaining);
        long rows = delete(after.id(), condition, "FALSE", key, tenants);
        if (remaining != null) {
            rows += delete(remaining, condition, "TRUE", key, tenants);
        }
        if (rows > 0) {
            LOG.info(
                    "rows of who is behind were in the way of a partition, and are copied again"
                            + " replication={} lsn={} table={} rows={}",
                    own,
                    place.lsnText(),
                    after.id(),
                    rows);
        }
        return rows;
    }

    /** Tenants of replications that carry the table and have not come to its event. */
    private List<String> behind(DdlRecords.Place place, TableShape after, ReplicationId own)
            throws StatementFailure {
        TableId root = Objects.requireNonNullElse(after.root(), after.id());
        List<Behind> found =
                backend.select(
                        BEHIND,
                        row ->
                                new Behind(
                                        new TenantId(row.getString(1)),
                                        Objects.requireNonNullElse(
                                                FilterText.read(row.getString(2)), TableFilter.ALL),
                                        row.getBoolean(3)),
                        after.id().schema(),
                        after.id().name(),
                        root.schema(),
                        root.name(),
                        place.source(),
                        place.lsnText(),
                        place.ordinal(),
                        own.value());
        List<String> tenants = new ArrayList<>();
        for (Behind who : found) {
            // What is marked was taken out of the filter: it is copied in any case.
            if (who.marked || Carriage.carries(tenancy, who.tables, who.tenant, after)) {
                tenants.add(who.tenant.value());
            }
        }
        return tenants;
    }

    /** What the partition will ask of its rows, in the server's words. */
    private String condition(TableDefinition.Partition partition, @Nullable TableId remaining)
            throws StatementFailure {
        transaction.run(SAVEPOINT);
        if (remaining != null) {
            transaction.run(
                    "ALTER TABLE "
                            + partition.parent().quoted()
                            + " DETACH PARTITION "
                            + remaining.quoted());
        }
        transaction.run(
                "CREATE TABLE "
                        + PROBE
                        + " PARTITION OF "
                        + partition.parent().quoted()
                        + " "
                        + partition.bound());
        String condition = backend.select(CONDITION, row -> row.getString(1)).get(0);
        transaction.run(BACK, RELEASE);
        return condition == null ? "true" : condition;
    }

    private long delete(
            TableId table,
            String condition,
            String value,
            TenantKey.Column key,
            List<String> tenants)
            throws StatementFailure {
        return backend.select(
                        "WITH gone AS (DELETE FROM "
                                + table.quoted()
                                + " WHERE ("
                                + LeftRows.literal(condition)
                                + ") IS "
                                + value
                                + " AND "
                                + TableId.quote(key.name())
                                + "::text = ANY (?::text[]) RETURNING 1)"
                                + " SELECT count(*) FROM gone",
                        row -> row.getLong(1),
                        Progress.texts(tenants, it -> it))
                .get(0);
    }
}
