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
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
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

    /** Whether the table becomes a partition, or inherits from then on. */
    static boolean mayBeInTheWayOf(TableChange change) {
        TableShape before = change.before();
        TableShape after = change.after();
        if (after == null) {
            return false;
        }
        boolean joins =
                after.definition().partitionOf() != null
                        && (before == null || before.definition().partitionOf() == null);
        boolean inherits =
                before != null
                        && !before.definition()
                                .inherits()
                                .containsAll(after.definition().inherits());
        return joins || inherits;
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
        while (true) {
            transaction.run(SAVEPOINT);
            try {
                transaction.run(sql, RELEASE);
                return;
            } catch (StatementFailure e) {
                if (!SqlStates.isLacking(e.sqlState())) {
                    throw e;
                }
                transaction.run(BACK, RELEASE);
                long rows = remove(e, place, change, own);
                LOG.info(
                        "rows were in the way of a table's place; whoever is behind copies them"
                                + " again replication={} lsn={} table={} rows={}",
                        own,
                        place.lsnText(),
                        change.id(),
                        rows);
            }
        }
    }

    /** At least one row, or it is as it was. */
    private long remove(
            StatementFailure refusal, DdlRecords.Place place, TableChange change, ReplicationId own)
            throws StatementFailure {
        TableShape after = Objects.requireNonNull(change.after());
        TableShape before = Objects.requireNonNullElse(change.before(), after);
        if (!(tenancy.keyOf(after.id(), before.columnNames()) instanceof TenantKey.Column key)) {
            throw refusal;
        }
        boolean bounds =
                SqlStates.CHECK_VIOLATION.equals(refusal.sqlState())
                        && after.definition().partitionOf() != null;
        long rows = bounds ? removeBeyond(place, change, own, key) : 0;
        if (rows == 0) {
            rows = removeAll(refusal, place, change, own, key);
        }
        return rows;
    }

    /**
     * What the table's own rows are asked for: those of who is behind do not meet it yet. Not those
     * of a copy that has seen the change, or may have: its rows would not come again.
     */
    private long removeAll(
            StatementFailure refusal,
            DdlRecords.Place place,
            TableChange change,
            ReplicationId own,
            TenantKey.Column key)
            throws StatementFailure {
        transaction.run("LOCK TABLE " + change.id().quoted() + " IN ACCESS EXCLUSIVE MODE");
        List<Behind> behind = behind(place, change, own);
        Taking taking = new Taking(place, change, TableId.quote(key.name()), "TRUE");
        long rows = taking.take(change.id(), "IS TRUE", tenants(behind, it -> !it.isCopied()));
        if (rows > 0) {
            return rows;
        }
        if (taking.holds(change.id(), tenants(behind, Behind::isCopied))) {
            throw new StatementFailure(
                    new SQLException(
                            "rows of a copy that is under way are in the way of "
                                    + change.id()
                                    + ": "
                                    + refusal.serverMessage(),
                            SqlStates.LOCK_NOT_AVAILABLE));
        }
        throw refusal;
    }

    private long removeBeyond(
            DdlRecords.Place place, TableChange change, ReplicationId own, TenantKey.Column key)
            throws StatementFailure {
        TableShape after = Objects.requireNonNull(change.after());
        TableDefinition.Partition partition =
                Objects.requireNonNull(after.definition().partitionOf());
        TableId parent = partition.parent();
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
        List<Behind> behind = behind(place, change, own);
        Taking taking = new Taking(place, change, TableId.quote(key.name()), probe(partition));
        long rows = taking.take(after.id(), "IS FALSE", tenants(behind, it -> true));
        if (remaining != null) {
            rows += taking.take(remaining, "IS TRUE", tenants(behind, it -> !it.isCopied()));
            rows += taking.move(remaining, after.id());
        }
        transaction.run("DROP TABLE " + MisplacedSql.PROBE);
        return rows;
    }

    /**
     * Somebody who carries the table and has not come to its event.
     *
     * @param streams whether he has come anywhere: if not, his copy may have seen the partition
     * @param copies whether a copy of the table is due, or under way
     * @param beyond whether a copy of the table has seen the event
     */
    private record Behind(String tenant, boolean streams, boolean copies, boolean beyond) {
        boolean isCopied() {
            return !streams || copies || beyond;
        }
    }

    private static List<String> tenants(List<Behind> behind, Predicate<Behind> which) {
        return behind.stream().filter(which).map(Behind::tenant).toList();
    }

    private List<Behind> behind(DdlRecords.Place place, TableChange change, ReplicationId own)
            throws StatementFailure {
        TableShape after = Objects.requireNonNull(change.after());
        List<TableId> above = new ArrayList<>(after.definition().inherits());
        if (after.definition().partitionOf() != null) {
            above.add(after.definition().partitionOf().parent());
        }
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
                    if (marked || !itself && carries(tables, tenant, change)) {
                        behind.add(
                                new Behind(
                                        tenant.value(),
                                        row.getBoolean(5),
                                        marked,
                                        row.getBoolean(6)));
                    }
                    return row;
                },
                after.id().schema(),
                after.id().name(),
                Progress.texts(above, TableId::schema),
                Progress.texts(above, TableId::name),
                place.lsnText(),
                place.source(),
                place.lsnText(),
                place.ordinal());
        return behind;
    }

    private boolean carries(TableFilter tables, TenantId tenant, TableChange change) {
        return Carriage.carries(tenancy, tables, tenant, change.before())
                || Carriage.carries(tenancy, tables, tenant, change.after());
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

        boolean holds(TableId table, List<String> tenants) throws StatementFailure {
            return !tenants.isEmpty()
                    && backend.select(
                                    MisplacedSql.HOLDS.formatted(table.quoted(), key),
                                    row -> row.getBoolean(1),
                                    Progress.texts(tenants, it -> it))
                            .get(0);
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
