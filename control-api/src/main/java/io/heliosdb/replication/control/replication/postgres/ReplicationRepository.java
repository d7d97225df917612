package io.heliosdb.replication.control.replication.postgres;

import io.heliosdb.replication.control.json.EnumNames;
import io.heliosdb.replication.control.json.Json;
import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.control.replication.Actor;
import io.heliosdb.replication.control.replication.NewReplication;
import io.heliosdb.replication.control.replication.Order;
import io.heliosdb.replication.control.replication.Replication;
import io.heliosdb.replication.control.replication.ReplicationConfig;
import io.heliosdb.replication.control.replication.ReplicationQuery;
import io.heliosdb.replication.control.store.postgres.MetadataStore;
import io.heliosdb.replication.core.postgres.SqlState;
import io.heliosdb.replication.model.ReplicationState;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/**
 * Replications in the store. Every change is one transaction: the row under its lock, the next
 * version of the spec, and the event that says who did it.
 */
public final class ReplicationRepository {

    private final MetadataStore store;

    public ReplicationRepository(MetadataStore store) {
        this.store = store;
    }

    /** Adds a replication; CONFLICT if there is one of this tenant between these connections. */
    public Replication insert(NewReplication wanted, Actor actor) {
        UUID id = UUID.randomUUID();
        try {
            return store.inTransaction(
                    handle -> {
                        use(handle, "source", wanted.sourceConnection(), wanted.sourceDatabase());
                        use(handle, "target", wanted.targetConnection(), wanted.targetDatabase());
                        ReplicationRows.bind(
                                        handle.createUpdate(ReplicationSql.INSERT), wanted.config())
                                .bind("id", id)
                                .bind("tenant", wanted.tenantId())
                                .bind("source", wanted.sourceConnection())
                                .bind("target", wanted.targetConnection())
                                .bind("source_schema", wanted.sourceSchema())
                                .bind("target_schema", wanted.targetSchema())
                                .execute();
                        record(handle, id, actor);
                        event(handle, id, "Created", "replication created", Map.of(), actor);
                        return locked(handle, id);
                    });
        } catch (JdbiException e) {
            if (MetadataStore.sqlState(e).equals(SqlState.UNIQUE_VIOLATION)) {
                throw ControlException.conflict(
                        "there is a replication of tenant "
                                + wanted.tenantId()
                                + " between these connections already",
                        Map.of("tenant_id", wanted.tenantId()));
            }
            throw e;
        }
    }

    private static void use(
            Handle handle, String role, UUID connection, @Nullable String database) {
        String field = role + ".connection_id";
        Map<String, Object> row =
                handle.createQuery(ReplicationSql.USE_CONNECTION)
                        .bind("id", connection)
                        .mapToMap()
                        .findOne()
                        .orElseThrow(
                                () ->
                                        ControlException.invalid(
                                                field, "no connection " + connection));
        if (!Boolean.TRUE.equals(row.get("is_" + role))) {
            throw ControlException.invalid(field, "the connection has no role as " + role);
        }
        if (database != null && !database.equals(row.get("database_name"))) {
            throw ControlException.invalid(
                    role + ".database",
                    "the connection is to database " + row.get("database_name"));
        }
    }

    public Optional<Replication> find(UUID id) {
        return store.with(handle -> find(handle, ReplicationSql.FIND, id));
    }

    private static Optional<Replication> find(Handle handle, String sql, UUID id) {
        return handle.createQuery(sql).bind("id", id).map(ReplicationRows::row).findOne();
    }

    private static Replication locked(Handle handle, UUID id) {
        return find(handle, ReplicationSql.LOCK, id)
                .orElseThrow(() -> ControlException.notFound("replication", id));
    }

    /** The tenant of a replication: what is needed to decide who may see it. */
    public Optional<String> tenantOf(UUID id) {
        return store.with(
                handle ->
                        handle.createQuery(ReplicationSql.TENANT)
                                .bind("id", id)
                                .mapTo(String.class)
                                .findOne());
    }

    public List<Replication> list(ReplicationQuery query) {
        String sql = ReplicationSql.list(query.sort().column(), query.ascending());
        return store.with(
                handle ->
                        filter(handle.createQuery(sql), query)
                                .bind("limit", query.limit())
                                .bind("offset", query.offset())
                                .map(ReplicationRows::row)
                                .list());
    }

    public long count(ReplicationQuery query) {
        return store.with(
                handle ->
                        filter(handle.createQuery(ReplicationSql.COUNT), query)
                                .mapTo(Long.class)
                                .one());
    }

    private static Query filter(Query statement, ReplicationQuery query) {
        return statement
                .bind("tenant", query.tenantId())
                .bind("status", query.status() == null ? null : EnumNames.of(query.status()))
                .bind("tier", query.tier() == null ? null : EnumNames.of(query.tier()));
    }

    /** Whether commits at this source are to wait for a replication of it. */
    public boolean hasSynchronous(UUID source) {
        return store.with(
                handle ->
                        handle.createQuery(ReplicationSql.HAS_SYNCHRONOUS)
                                .bind("source", source)
                                .mapTo(Boolean.class)
                                .one());
    }

    /** All there are. */
    public List<Replication> all() {
        return store.with(
                handle -> handle.createQuery(ReplicationSql.ALL).map(ReplicationRows::row).list());
    }

    /** Those whose backlog is to be encrypted. */
    public long countEncrypted() {
        return store.with(
                handle ->
                        handle.createQuery(ReplicationSql.COUNT_ENCRYPTED).mapTo(Long.class).one());
    }

    public Map<ReplicationState, Long> countByStatus() {
        Map<ReplicationState, Long> counts = new EnumMap<>(ReplicationState.class);
        store.with(
                handle ->
                        handle.createQuery(ReplicationSql.COUNT_BY_STATUS)
                                .map(
                                        (row, context) ->
                                                counts.put(
                                                        EnumNames.parse(
                                                                ReplicationState.class,
                                                                row.getString("status")),
                                                        row.getLong("count")))
                                .list());
        return counts;
    }

    /** Changes the configuration under the lock. */
    public Replication reconfigure(
            UUID id, Function<Replication, ReplicationConfig> change, Actor actor) {
        return store.inTransaction(
                handle -> {
                    Replication before = locked(handle, id);
                    ReplicationConfig after = change.apply(before);
                    if (after.equals(before.config())) {
                        return before;
                    }
                    ReplicationRows.bind(handle.createUpdate(ReplicationSql.UPDATE_CONFIG), after)
                            .bind("id", id)
                            .bind("status", EnumNames.of(before.status()))
                            .execute();
                    record(handle, id, actor);
                    event(handle, id, "ConfigChange", "configuration changed", Map.of(), actor);
                    return locked(handle, id);
                });
    }

    /** Changes the state under the lock; an empty order changes nothing. */
    public Replication order(UUID id, Function<Replication, Optional<Order>> decide, Actor actor) {
        return store.inTransaction(
                handle -> {
                    Replication before = locked(handle, id);
                    Optional<Order> order = decide.apply(before);
                    if (order.isEmpty()) {
                        return before;
                    }
                    apply(handle, id, order.get());
                    record(handle, id, actor);
                    moved(handle, before, order.get(), actor);
                    return locked(handle, id);
                });
    }

    private static void apply(Handle handle, UUID id, Order order) {
        handle.createUpdate(ReplicationSql.UPDATE_STATUS)
                .bind("id", id)
                .bind("status", EnumNames.of(order.status()))
                .bind("desired", EnumNames.of(order.desired()))
                .bind("resync", order.resync() ? 1 : 0)
                .bind("retry", order.retry() ? 1 : 0)
                .bind("skip", order.skip())
                .bind("skip_ddl", order.skipDdl())
                .execute();
    }

    private static void moved(Handle handle, Replication before, Order order, Actor actor) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("from", before.status());
        details.put("to", order.status());
        if (order.resync()) {
            details.put("resync", true);
        }
        if (order.skip() != null) {
            details.put("skipped_position", order.skip());
            details.put("only_ddl", order.skipDdl());
        }
        event(
                handle,
                before.id(),
                "StateChange",
                EnumNames.of(before.status()) + " to " + EnumNames.of(order.status()) + " ordered",
                details,
                actor);
    }

    /** Takes it out of sight; the feed still sees its last version. */
    public void delete(UUID id, boolean cleanup, Consumer<Replication> check, Actor actor) {
        store.inTransaction(
                handle -> {
                    check.accept(locked(handle, id));
                    handle.createUpdate(ReplicationSql.DELETE)
                            .bind("id", id)
                            .bind("cleanup", cleanup)
                            .execute();
                    record(handle, id, actor);
                    event(
                            handle,
                            id,
                            "Deleted",
                            "replication deleted",
                            cleanup ? Map.of("cleanup_target", true) : Map.of(),
                            actor);
                    return id;
                });
    }

    private static void record(Handle handle, UUID id, Actor actor) {
        handle.createUpdate(ReplicationSql.RECORD_VERSION)
                .bind("id", id)
                .bind("actor", actor.name())
                .execute();
    }

    private static void event(
            Handle handle,
            UUID id,
            String type,
            String message,
            Map<String, Object> details,
            Actor actor) {
        Map<String, Object> all = new LinkedHashMap<>(details);
        if (actor.reason() != null) {
            all.put("reason", actor.reason());
        }
        handle.createUpdate(ReplicationSql.EVENT)
                .bind("id", id)
                .bind("type", type)
                .bind("severity", "Info")
                .bind("message", message)
                .bind("details", Json.write(all))
                .bind("actor", actor.name())
                .bind("address", actor.address())
                .execute();
    }
}
