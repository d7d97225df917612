package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.ApplyException.Kind;
import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.core.apply.SkipOrder;
import io.heliosdb.replication.core.apply.TargetSession.CopyAnew;
import io.heliosdb.replication.core.apply.postgres.SqlScript.Part;
import io.heliosdb.replication.core.ddl.Carriage;
import io.heliosdb.replication.core.ddl.CopiedAnew;
import io.heliosdb.replication.core.ddl.DdlEvent;
import io.heliosdb.replication.core.ddl.DdlMessage;
import io.heliosdb.replication.core.ddl.DdlStatement;
import io.heliosdb.replication.core.ddl.Migration;
import io.heliosdb.replication.core.ddl.ObjectChange;
import io.heliosdb.replication.core.ddl.ObjectDdl;
import io.heliosdb.replication.core.ddl.TableChange;
import io.heliosdb.replication.core.ddl.TableShape;
import io.heliosdb.replication.core.ddl.postgres.DdlSql;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantTransaction;
import io.heliosdb.replication.model.config.DdlPolicy;
import io.heliosdb.replication.model.config.DdlRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out DDL in the target transaction of the rows around it. What one replication has carried
 * out no other does again: {@code heliosdb.ddl} tells, under the lock of those who create tables.
 *
 * <p>Waits for locks on tables briefly only: while it waits, whoever writes to the table waits
 * behind it. Then the lane tries again later.
 */
final class DdlApply {

    private static final Logger LOG = LoggerFactory.getLogger(DdlApply.class);

    /** What is to be set for the DDL, and back: a large transaction is more patient. */
    private static final String IMPATIENCE = "SET LOCAL lock_timeout = '500ms'";

    private static final String SKIP =
            "skip, which leaves this out for all replications of the target";

    private static final String RETRY = "retry; or " + SKIP;

    private final Backend backend;
    private final TargetTransaction transaction;
    private final Tenancy tenancy;
    private final ShapeLog shapes;
    private final TargetTables tables;
    private final DdlRecords records;
    private final DdlCopies copies;
    private final MisplacedRows misplaced;
    private DdlRecords.@Nullable Failed failed;

    DdlApply(Backend backend, TargetTransaction transaction, Tenancy tenancy, ShapeLog shapes) {
        this.backend = backend;
        this.transaction = transaction;
        this.tenancy = tenancy;
        this.shapes = shapes;
        this.tables = new TargetTables(backend);
        this.records = new DdlRecords(backend);
        this.misplaced = new MisplacedRows(backend, transaction, tenancy);
        this.copies = new DdlCopies(records, misplaced, tenancy);
    }

    /** A target transaction begins. */
    void begin() {
        copies.begin();
        failed = null;
    }

    /** What replications lack since this target transaction. */
    List<CopyAnew> copies() {
        return copies.all();
    }

    /** Tables of the last event whose rows of before it need not be there. */
    Set<TableId> copiedAnew() {
        return copies.ofLastEvent();
    }

    /**
     * Appends what makes a commit fail if tables were altered that this session does not know of.
     */
    void checkShapes(SqlScript script) {
        script.execute(DdlSql.CHECK_VERSION);
        script.value(shapes.version());
        script.end(Part.SHAPES, 0);
    }

    void apply(LaneBatch batch, TenantTransaction at, DdlEvent event)
            throws StatementFailure, Rejection {
        copies.passes();
        DdlMessage message = DdlMessage.parse(event.message());
        DdlRecords.Place place =
                new DdlRecords.Place(
                        shapes.sourceOf(batch.replication()), at.commitLsn(), event.ordinal());
        if (batch.ddl().rules().policy() == DdlPolicy.IGNORE) {
            // What others have altered in the same tables has concerned its rows too.
            for (TableChange change : message.tables()) {
                if (records.isApplied(place, change) || isBehind(batch, at, place, change)) {
                    copies.add(batch, at, event, message, change, place);
                }
            }
            return;
        }
        List<Item> items = items(batch, at, event, message);
        if (isAnyOpen(items, place)) {
            String patience = backend.select("SHOW lock_timeout", row -> row.getString(1)).get(0);
            transaction.run(IMPATIENCE, DdlSql.LOCK);
            Set<String> done = records.done(place);
            for (Item item : items) {
                if (!done.contains(item.name())) {
                    item.run(place);
                }
            }
            shapes.raised(backend.select(DdlSql.RAISE_VERSION, row -> row.getLong(1)).get(0));
            transaction.forgetCatalog();
            transaction.run("SET LOCAL lock_timeout = '" + patience + "'");
        }
        for (TableChange change : message.tables()) {
            copies.add(batch, at, event, message, change, place);
        }
    }

    private boolean isAnyOpen(List<Item> items, DdlRecords.Place place) throws StatementFailure {
        Set<String> done = records.done(place);
        return items.stream().anyMatch(item -> !done.contains(item.name()));
    }

    /** One thing that is done once per target. */
    private interface Step {
        void run(DdlRecords.Place place) throws StatementFailure, Rejection;
    }

    private record Item(String name, Step step) {
        void run(DdlRecords.Place place) throws StatementFailure, Rejection {
            step.run(place);
        }
    }

    private List<Item> items(
            LaneBatch batch, TenantTransaction at, DdlEvent event, DdlMessage message)
            throws StatementFailure {
        List<Item> items = new ArrayList<>();
        for (ObjectChange change : message.objects()) {
            if (!(change instanceof ObjectChange.DroppedSchema)) {
                objectItem(batch, message, change, items);
            }
        }
        List<Item> tableItems = new ArrayList<>();
        for (TableChange change : message.inOrder()) {
            boolean published =
                    change.published().contains(event.publication())
                            || change.publishedBefore().contains(event.publication());
            if (published && carries(batch, change)) {
                tableItems.add(
                        new Item(
                                "table " + change.id(),
                                place -> table(batch, at, event, message, change, place)));
            }
        }
        if (!tableItems.isEmpty()) {
            for (ObjectChange.UserType type : message.needed()) {
                if (!tables.hasObject(type.id())) {
                    objectItem(batch, message, new ObjectChange.OfType(null, type), items);
                }
            }
        }
        items.addAll(tableItems);
        for (ObjectChange change : message.objects()) {
            if (change instanceof ObjectChange.DroppedSchema) {
                objectItem(batch, message, change, items);
            }
        }
        return items;
    }

    private void objectItem(
            LaneBatch batch, DdlMessage message, ObjectChange change, List<Item> items) {
        ObjectDdl.Plan plan;
        try {
            plan = ObjectDdl.plan(change);
        } catch (UnsupportedOperationException e) {
            items.add(
                    new Item(
                            String.valueOf(e.getMessage()),
                            place ->
                                    refuse(
                                            batch,
                                            message,
                                            place,
                                            String.valueOf(e.getMessage()),
                                            List.of(message.command()),
                                            "it cannot be derived. Run it in the target, then "
                                                    + SKIP,
                                            "")));
            return;
        }
        if (!plan.steps().isEmpty()) {
            items.add(new Item(plan.item(), place -> object(batch, message, plan, place)));
        }
    }

    private boolean carries(LaneBatch batch, TableChange change) {
        return carries(batch, change.before()) || carries(batch, change.after());
    }

    private boolean carries(LaneBatch batch, @Nullable TableShape table) {
        return Carriage.carries(tenancy, batch.ddl().tables(), batch.tenant(), table);
    }

    private void object(
            LaneBatch batch, DdlMessage message, ObjectDdl.Plan plan, DdlRecords.Place place)
            throws StatementFailure, Rejection {
        boolean needed =
                (plan.present() == null || !tables.hasObject(plan.present()))
                        && (plan.absent() == null || tables.hasObject(plan.absent()));
        List<String> statements = needed ? tables.needed(plan) : List.of();
        requireAllowed(
                batch,
                message,
                place,
                plan.item(),
                statements.stream().map(sql -> new DdlStatement(plan.tag(), sql)).toList());
        if (plan.required()) {
            run(batch, message, place, plan.item(), statements, transaction::run);
        } else {
            tables.tryAll(transaction, statements);
        }
        records.applied(batch, message, place, plan.item(), statements);
    }

    /** Whether a copy has brought the table further, or past its end. */
    private boolean isBehind(
            LaneBatch batch, TenantTransaction at, DdlRecords.Place place, TableChange change)
            throws StatementFailure {
        return records.isBehind(place, change)
                || shapes.isGone(batch.replication(), change.oid(), at);
    }

    private void table(
            LaneBatch batch,
            TenantTransaction at,
            DdlEvent event,
            DdlMessage message,
            TableChange change,
            DdlRecords.Place place)
            throws StatementFailure, Rejection {
        String item = "table " + change.id();
        boolean anew = !CopiedAnew.by(change, message, event.publication()).isEmpty();
        if (isBehind(batch, at, place, change)) {
            records.passed(batch, message, place, item, change, anew);
            return;
        }
        Migration migration = tables.migration(change, message);
        requireAllowed(batch, message, place, item, migration.wanted());
        records.leaves(place, change);
        Run run =
                MisplacedRows.mayBeInTheWayOf(change)
                        ? sql -> misplaced.run(sql, place, change, batch.replication())
                        : transaction::run;
        run(batch, message, place, item, migration.statements(), run);
        records.applied(batch, message, place, item, change, migration, anew);
    }

    private void requireAllowed(
            LaneBatch batch,
            DdlMessage message,
            DdlRecords.Place place,
            String item,
            List<DdlStatement> wanted)
            throws Rejection {
        DdlRules rules = batch.ddl().rules();
        Set<String> refused = new TreeSet<>();
        for (DdlStatement statement : wanted) {
            if (!rules.allows(statement.tag())) {
                refused.add(statement.tag().text());
            }
        }
        if (!refused.isEmpty()) {
            refuse(
                    batch,
                    message,
                    place,
                    item,
                    wanted.stream().map(DdlStatement::sql).toList(),
                    (rules.policy() == DdlPolicy.PAUSE
                                    ? "ddl is set to pause"
                                    : "ddl-allow lacks " + String.join(", ", refused))
                            + ". Run them in the target, then "
                            + RETRY,
                    "");
        }
    }

    /** How a statement is run. */
    private interface Run {
        void statement(String sql) throws StatementFailure;
    }

    private void run(
            LaneBatch batch,
            DdlMessage message,
            DdlRecords.Place place,
            String item,
            List<String> statements,
            Run run)
            throws StatementFailure, Rejection {
        for (String sql : statements) {
            try {
                run.statement(sql);
            } catch (StatementFailure e) {
                if (SqlStates.kind(e.sqlState()) != Kind.REJECTED) {
                    throw e;
                }
                refuse(
                        batch,
                        message,
                        place,
                        item,
                        List.of(sql),
                        "the target refuses it: "
                                + e.serverMessage()
                                + " (SQLSTATE "
                                + e.sqlState()
                                + "). Mend it, then "
                                + RETRY,
                        e.sqlState());
            }
        }
        if (!statements.isEmpty()) {
            LOG.info(
                    "DDL applied replication={} lsn={} tag={} item={} statements={}",
                    batch.replication(),
                    place.lsnText(),
                    message.tag(),
                    item,
                    statements.size());
        }
    }

    private void refuse(
            LaneBatch batch,
            DdlMessage message,
            DdlRecords.Place place,
            String item,
            List<String> statements,
            String reason,
            String sqlState)
            throws Rejection {
        String text =
                message.tag()
                        + " of the source at "
                        + place.lsnText()
                        + " is not applied: "
                        + reason
                        + ". Statements: "
                        + String.join("; ", statements);
        failed = new DdlRecords.Failed(batch, message, place, item, statements, text);
        throw new Rejection(ErrorCode.DDL_STOPPED, sqlState, text);
    }

    /**
     * Records what was refused; after the rollback, in a transaction of its own. Returns whether it
     * was ordered to be left out: then the batch is to be tried again, and comes further.
     */
    boolean leavesOut(Rejection cause) {
        DdlRecords.Failed failure = failed;
        failed = null;
        if (failure == null || cause.code() != ErrorCode.DDL_STOPPED) {
            return false;
        }
        SkipOrder order = failure.batch().ddl().leaveOut();
        boolean ordered = order != null && order.commitLsn() == failure.place().lsn();
        if (!ordered) {
            records.failed(failure);
            return false;
        }
        LOG.warn(
                "DDL skipped replication={} lsn={} item={} who={} reason={}",
                failure.batch().replication(),
                failure.place().lsnText(),
                failure.item(),
                order.who(),
                order.reason());
        return records.skipped(failure, order);
    }
}
