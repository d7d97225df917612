package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.core.apply.TargetSession.CopyAnew;
import io.heliosdb.replication.core.ddl.Carriage;
import io.heliosdb.replication.core.ddl.CopiedAnew;
import io.heliosdb.replication.core.ddl.DdlEvent;
import io.heliosdb.replication.core.ddl.DdlMessage;
import io.heliosdb.replication.core.ddl.TableChange;
import io.heliosdb.replication.core.ddl.TableShape;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantTransaction;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tables that replications copy again because of DDL that they have come to. */
final class DdlCopies {

    private static final Logger LOG = LoggerFactory.getLogger(DdlCopies.class);

    private final DdlRecords records;
    private final MisplacedRows misplaced;
    private final Tenancy tenancy;
    private final List<CopyAnew> all = new ArrayList<>();
    private final Set<TableId> ofLastEvent = new HashSet<>();

    DdlCopies(DdlRecords records, MisplacedRows misplaced, Tenancy tenancy) {
        this.records = records;
        this.misplaced = misplaced;
        this.tenancy = tenancy;
    }

    /** A target transaction begins. */
    void begin() {
        all.clear();
    }

    /** An event begins. */
    void passes() {
        ofLastEvent.clear();
    }

    /** Of this target transaction. */
    List<CopyAnew> all() {
        return all;
    }

    /** Tables whose rows of before the event need not be there. */
    Set<TableId> ofLastEvent() {
        return Set.copyOf(ofLastEvent);
    }

    void add(
            LaneBatch batch,
            TenantTransaction at,
            DdlEvent event,
            DdlMessage message,
            TableChange change,
            DdlRecords.Place place)
            throws StatementFailure {
        boolean lacking = follow(batch, change);
        if (!carries(batch, change.after())) {
            return;
        }
        List<TableId> tables = CopiedAnew.by(change, message, event.publication());
        if (tables.isEmpty()
                && (lacking || hasCome(batch, change) || hasRowsOfFormer(batch, change, place))) {
            tables = CopiedAnew.of(change, event.publication());
        }
        Set<TableId> copied = lost(batch, change, place);
        if (!copied.isEmpty()) {
            copied.addAll(CopiedAnew.of(change, event.publication()));
        }
        copied.addAll(tables);
        for (TableId table : copied) {
            ofLastEvent.add(table);
            if (!batch.skipped().skips(at.xid(), at.commitLsn(), table)) {
                all.add(
                        new CopyAnew(
                                batch.replication(),
                                records.leaveOut(batch.replication(), table),
                                at.commitLsn(),
                                event.pendingXids()));
                LOG.info(
                        "table is copied anew replication={} lsn={} table={}",
                        batch.replication(),
                        Lsn.format(at.commitLsn()),
                        table);
            }
        }
    }

    /** It had another name, or no tenant: what it holds was nobody's business. */
    private boolean hasCome(LaneBatch batch, TableChange change) {
        return change.before() != null && !carries(batch, change.before());
    }

    /**
     * A copy for others has found the new table and made the former one of that name into it: it
     * was not dropped, so rows of it are still there.
     */
    private boolean hasRowsOfFormer(LaneBatch batch, TableChange change, DdlRecords.Place place)
            throws StatementFailure {
        return change.before() == null
                && records.hasPassedDrop(batch.replication(), place, change.id());
    }

    /** Tables that have lost rows of the tenant because those were in the way of the change. */
    private Set<TableId> lost(LaneBatch batch, TableChange change, DdlRecords.Place place)
            throws StatementFailure {
        return MisplacedRows.mayBeInTheWayOf(change)
                ? misplaced.takenFrom(place, change, batch.tenant())
                : new HashSet<>();
    }

    /** Whether the table was to be copied, and has got another name before that. */
    private boolean follow(LaneBatch batch, TableChange change) throws StatementFailure {
        TableShape before = change.before();
        if (before == null
                || change.after() != null && before.id().equals(change.id())
                || !records.isMarked(batch.replication(), before.id())) {
            return false;
        }
        records.unmark(batch.replication(), before.id());
        return change.after() != null;
    }

    private boolean carries(LaneBatch batch, @Nullable TableShape table) {
        return Carriage.carries(tenancy, batch.ddl().tables(), batch.tenant(), table);
    }
}
