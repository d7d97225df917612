package io.heliosdb.replication.core.route;

import io.heliosdb.replication.core.ddl.Carriage;
import io.heliosdb.replication.core.ddl.DdlEvent;
import io.heliosdb.replication.core.ddl.DdlMessage;
import io.heliosdb.replication.core.ddl.TableChange;
import io.heliosdb.replication.core.ddl.TableShape;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.XidRange;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives DDL to the replications that carry one of its tables, at its place among their rows; DDL of
 * types and the like to all.
 */
final class DdlRouter {

    private static final Logger LOG = LoggerFactory.getLogger(DdlRouter.class);

    private final Tenancy tenancy;
    private final String publication;
    private final SourceColumns columns;

    /** Tables of which DDL was told since the stream described them last. */
    private final Set<TableId> told = new HashSet<>();

    private final RouteTable routes;
    private final Relations relations;
    private final OpenTransaction open;
    private final UnprovenXids unproven;

    DdlRouter(
            Tenancy tenancy,
            SourceAccess source,
            RouteTable routes,
            Relations relations,
            OpenTransaction open,
            UnprovenXids unproven) {
        this.tenancy = tenancy;
        this.publication = source.publication();
        this.columns = source.columns();
        this.routes = routes;
        this.relations = relations;
        this.open = open;
        this.unproven = unproven;
    }

    void take(String body, long ordinal) {
        DdlMessage message;
        try {
            message = DdlMessage.parse(body);
        } catch (IllegalArgumentException e) {
            LOG.error("DDL of the source cannot be read", e);
            give(
                    UntoldDdl.unclear(
                            "DDL of the source that cannot be read ("
                                    + e.getMessage()
                                    + "): its tables may differ now"),
                    ordinal,
                    route -> true);
            return;
        }
        for (TableChange table : message.tables()) {
            if (table.after() != null && !table.idBefore().equals(table.id())) {
                relations.rename(table.after().oid(), table.id());
            }
        }
        List<TableChange> tables = message.tables().stream().filter(this::isPublished).toList();
        if (tables.isEmpty() && message.objects().isEmpty()) {
            return;
        }
        tables.forEach(this::discover);
        for (TableChange table : tables) {
            told.add(table.idBefore());
            told.add(table.id());
        }
        give(body, ordinal, route -> !message.objects().isEmpty() || carriesAny(route, tables));
    }

    private void give(String body, long ordinal, Predicate<ReplicationRoute> concerned) {
        byte[] event = null;
        for (ReplicationRoute route : List.copyOf(routes.all())) {
            if (!route.failed && concerned.test(route)) {
                if (event == null) {
                    event = new DdlEvent(ordinal, pending(), publication, body).encode();
                }
                open.ddl(route, ordinal, event);
            }
        }
    }

    /**
     * The stream describes a table otherwise than before. Where DDL was told, that is what it told
     * of; else this is all that tells.
     */
    void described(RelationRoute before, RelationRoute after, long ordinal) {
        boolean wasTold = told.remove(before.descriptor.table());
        if (told.remove(after.descriptor.table()) || wasTold || !before.isRouted()) {
            return;
        }
        Map<String, String> now = columns.of(after.descriptor.oid());
        String body =
                now == null
                        ? null
                        : UntoldDdl.message(before.descriptor, after.descriptor, now, publication);
        if (body != null) {
            LOG.warn("table was altered, and no DDL was told table={}", after.descriptor.table());
            give(
                    body,
                    ordinal,
                    route -> before.mayHold(route.spec.tenant()) && route.carries(before));
        }
    }

    private boolean isPublished(TableChange table) {
        return table.published().contains(publication)
                || table.publishedBefore().contains(publication);
    }

    /** A schema of a tenant that is new may be covered by a pattern. */
    private void discover(TableChange table) {
        if (table.after() != null
                && tenancy.keyOf(table.after().id(), table.after().columnNames())
                        instanceof TenantKey.Whole whole
                && !whole.tenant().equals(TenantId.REFERENCE)) {
            routes.tenant(whole.tenant().value());
        }
    }

    private boolean carriesAny(ReplicationRoute route, List<TableChange> tables) {
        for (TableChange table : tables) {
            if (carries(route, table.before()) || carries(route, table.after())) {
                return true;
            }
        }
        return false;
    }

    private boolean carries(ReplicationRoute route, @Nullable TableShape table) {
        return Carriage.carries(tenancy, route.spec.tables(), route.spec.tenant(), table);
    }

    /** What a copy that begins at this event must see: its own transaction too. */
    private long[] pending() {
        long xid = open.chunk().xid();
        List<Long> all = new ArrayList<>();
        LongStream.of(unproven.toArray()).forEach(all::add);
        all.add(XidRange.of(xid, xid));
        return all.stream().mapToLong(Long::longValue).toArray();
    }
}
