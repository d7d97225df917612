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
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rows that are in the way of a table that becomes a partition: in it and beyond its bounds, or
 * within them in the default partition; or that lack what the table above asks of them, which one
 * that is inherited from does too. The source had moved, deleted or mended them by then.
 *
 * <p>Those of replications that have not come so far are taken away, and these copy the table when
 * they come there; nobody waits for them. Other rows of the default partition go where they belong
 * now: they are of somebody whose copy has seen the partition before the target had it, or the
 * target's own.
 */
final class MisplacedRows {

    private static final Logger LOG = LoggerFactory.getLogger(MisplacedRows.class);

    private static final String SAVEPOINT = "SAVEPOINT heliosdb_place";
    private static final String BACK = "ROLLBACK TO SAVEPOINT heliosdb_place";
    private static final String RELEASE = "RELEASE SAVEPOINT heliosdb_place";

    private final Backend backend;
    private final TargetTransaction transaction;
    private final Tenancy tenancy;

    MisplacedRows(Backend backend, TargetTransaction transaction, Tenancy tenancy) {
        this.backend = backend;
        this.transaction = transaction;
        this.tenancy = tenancy;
    }

    /** Whether the table becomes a partition, or inherits. */
    static boolean mayBeInTheWayOf(TableChange change) {
        TableShape before = change.before();
        TableShape after = change.after();
        if (after == null) {
            return false;
        }
        return before == null
                ? after.definition().partitionOf() != null
                : after.definition().partitionOf() != null
                                && before.definition().partitionOf() == null
                        || !before.definition()
                                .inherits()
                                .containsAll(after.definition().inherits());
    }

    /** Tables that rows of this tenant were taken from when the change was carried out. */
    Set<TableId> takenFrom(DdlRecords.Place place, TableChange change, TenantId tenant)
            throws StatementFailure {
        return new HashSet<>(
                backend.select(
                        MisplacedSql.TAKEN,
                        row -> new TableId(row.getString(1), row.getString(2)),
                        place.source(),
                        place.lsnText(),
                        place.ordinal(),
                        change.id().toString(),
                        tenant.value()));
    }

    /** Runs a statement of the change; again without the rows that were in its way. */
    void run(String sql, DdlRecords.Place place, TableChange change, ReplicationId own)
            throws StatementFailure {
        transaction.run(SAVEPOINT);
        try {
            transaction.run(sql, RELEASE);
        } catch (StatementFailure e) {
            boolean bounds = SqlStates.CHECK_VIOLATION.equals(e.sqlState());
            if (!bounds && !SqlStates.isLacking(e.sqlState())) {
                throw e;
            }
            transaction.run(BACK, RELEASE);
            long rows =
                    bounds
                                    && Objects.requireNonNull(change.after())
                                                    .definition()
                                                    .partitionOf()
                                            != null
                            ? removeBeyond(place, change, own)
                            : removeAll(place, change, own);
            if (rows == 0) {
                throw e;
            }
            LOG.info(
                    "rows were in the way of a table's place; whoever is behind copies them again"
                            + " replication={} lsn={} table={} rows={}",
                    own,
                    place.lsnText(),
                    change.id(),
                    rows);
            transaction.run(sql);
        }
    }

    /** What of the table's own rows is asked for before they could be told to meet it. */
    private long removeAll(DdlRecords.Place place, TableChange change, ReplicationId own)
            throws StatementFailure {
        TableShape after = Objects.requireNonNull(change.after());
        TableShape before = Objects.requireNonNullElse(change.before(), after);
        if (!(tenancy.keyOf(after.id(), before.columnNames()) instanceof TenantKey.Column key)) {
            return 0;
        }
        transaction.run("LOCK TABLE " + after.id().quoted() + " IN ACCESS EXCLUSIVE MODE");
        return new Taking(place, change, TableId.quote(key.name()), "TRUE")
                .take(after.id(), "IS TRUE", tenants(behind(place, after, own), true));
    }

    private long removeBeyond(DdlRecords.Place place, TableChange change, ReplicationId own)
            throws StatementFailure {
        TableShape after = Objects.requireNonNull(change.after());
        TableShape before = Objects.requireNonNullElse(change.before(), after);
        TableDefinition.Partition partition =
                Objects.requireNonNull(after.definition().partitionOf());
        TableId parent = partition.parent();
        if (!(tenancy.keyOf(after.id(), before.columnNames()) instanceof TenantKey.Column key)) {
            return 0;
        }
        TableId remaining =
                backend
                        .select(
                                MisplacedSql.DEFAULT_OF,
                                row -> new TableId(row.getString(1), row.getString(2)),
                                parent.schema(),
                                parent.name())
                        .stream()
                        .findFirst()
                        .orElse(null);
        transaction.run(
                "LOCK TABLE "
                        + after.id().quoted()
                        + (remaining == null ? "" : ", " + remaining.quoted())
                        + " IN ACCESS EXCLUSIVE MODE");
        List<Behind> behind = behind(place, after, own);
        Taking taking = new Taking(place, change, TableId.quote(key.name()), probe(partition));
        long rows = taking.take(after.id(), "IS FALSE", tenants(behind, true));
        if (remaining != null) {
            rows += taking.take(remaining, "IS TRUE", tenants(behind, false));
            rows += taking.move(remaining, after.id());
        }
        transaction.run("DROP TABLE " + MisplacedSql.PROBE);
        return rows;
    }

    /**
     * Somebody who carries the table and has not come to its event.
     *
     * @param streams whether he has come anywhere: if not, his copy may have seen the partition
     */
    private record Behind(String tenant, boolean streams) {}

    private static List<String> tenants(List<Behind> behind, boolean all) {
        return behind.stream().filter(it -> all || it.streams).map(Behind::tenant).toList();
    }

    private List<Behind> behind(DdlRecords.Place place, TableShape after, ReplicationId own)
            throws StatementFailure {
        TableId root = Objects.requireNonNullElse(after.root(), after.id());
        List<Behind> behind = new ArrayList<>();
        backend.select(
                MisplacedSql.BEHIND,
                row -> {
                    TenantId tenant = new TenantId(row.getString(2));
                    TableFilter tables =
                            Objects.requireNonNullElse(
                                    FilterText.read(row.getString(3)), TableFilter.ALL);
                    // What is marked was taken out of the filter: it is copied in any case.
                    boolean marked = row.getBoolean(4);
                    boolean itself = row.getString(1).equals(own.value());
                    if (marked || !itself && Carriage.carries(tenancy, tables, tenant, after)) {
                        behind.add(new Behind(tenant.value(), row.getBoolean(5)));
                    }
                    return row;
                },
                after.id().schema(),
                after.id().name(),
                root.schema(),
                root.name(),
                place.source(),
                place.lsnText(),
                place.ordinal());
        return behind;
    }

    /** What the partition will ask of its rows, in the server's words: of an empty twin. */
    private String probe(TableDefinition.Partition partition) throws StatementFailure {
        TableId parent = partition.parent();
        String key =
                backend.select(
                                MisplacedSql.KEY,
                                row -> row.getString(1),
                                parent.schema(),
                                parent.name())
                        .get(0);
        transaction.run(
                "CREATE TEMPORARY TABLE "
                        + MisplacedSql.PROBE_NAME
                        + " (LIKE "
                        + parent.quoted()
                        + ") PARTITION BY "
                        + key,
                "CREATE TEMPORARY TABLE "
                        + MisplacedSql.PROBE_PARTITION
                        + " PARTITION OF "
                        + MisplacedSql.PROBE
                        + " "
                        + partition.bound());
        return LeftRows.literal(
                backend.select(
                                MisplacedSql.CONDITION,
                                row -> row.getString(1),
                                parent.schema(),
                                parent.name())
                        .get(0));
    }

    /** Takes rows of some tenants away, and records it. */
    private final class Taking {

        private final DdlRecords.Place place;
        private final TableChange change;
        private final String key;
        private final String condition;

        Taking(DdlRecords.Place place, TableChange change, String key, String condition) {
            this.place = place;
            this.change = change;
            this.key = key;
            this.condition = condition;
        }

        private String delete(TableId table, String is, String more) {
            return "WITH gone AS (DELETE FROM %s WHERE (%s) %s%s RETURNING *, tableoid AS heliosdb_from)"
                    .formatted(table.quoted(), condition, is, more);
        }

        long take(TableId table, String is, List<String> tenants) throws StatementFailure {
            if (tenants.isEmpty()) {
                return 0;
            }
            String more = " AND %s::text = ANY (?::text[])".formatted(key);
            return backend.select(
                            delete(table, is, more) + MisplacedSql.RECORD.formatted(key),
                            row -> row.getLong(1),
                            Progress.texts(tenants, it -> it),
                            place.source(),
                            place.lsnText(),
                            place.ordinal(),
                            change.id().toString())
                    .get(0);
        }

        /** Into what is about to become the partition. */
        long move(TableId from, TableId to) throws StatementFailure {
            String columns =
                    backend.select(
                                    MisplacedSql.COLUMNS,
                                    row -> row.getString(1),
                                    to.schema(),
                                    to.name())
                            .get(0);
            return backend.select(
                            delete(from, "IS TRUE", "")
                                    + MisplacedSql.MOVE.formatted(to.quoted(), columns, key),
                            row -> row.getLong(1),
                            place.source(),
                            place.lsnText(),
                            place.ordinal(),
                            change.id().toString())
                    .get(0);
        }
    }
}
