package io.heliosdb.replication.control.access.postgres;

import io.heliosdb.replication.control.access.AuditEvent;
import io.heliosdb.replication.control.access.Principal;
import io.heliosdb.replication.control.json.EnumNames;
import io.heliosdb.replication.control.store.postgres.MetadataStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.List;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** The audit trail. */
public final class AuditRepository {

    private final MetadataStore store;

    public AuditRepository(MetadataStore store) {
        this.store = store;
    }

    public void add(AuditEvent event) {
        store.with(
                handle ->
                        handle.createUpdate(AccessSql.AUDIT)
                                .bind("at", event.createdAt().atOffset(ZoneOffset.UTC))
                                .bind("actor", event.actor())
                                .bind("kind", EnumNames.of(event.actorKind()))
                                .bind("ip", event.sourceIp())
                                .bind("request", event.requestId())
                                .bind("method", event.method())
                                .bind("route", event.route())
                                .bind("type", event.resourceType())
                                .bind("resource", event.resourceId())
                                .bind("tenant", event.tenantId())
                                .bind("outcome", EnumNames.of(event.outcome()))
                                .bind("status", event.status())
                                .execute());
    }

    public List<AuditEvent> list(
            @Nullable String actor, AuditEvent.@Nullable Outcome outcome, int offset, int limit) {
        return store.with(
                handle ->
                        filter(handle.createQuery(AccessSql.LIST_AUDIT), actor, outcome)
                                .bind("offset", offset)
                                .bind("limit", limit)
                                .map(AuditRepository::row)
                                .list());
    }

    public long count(@Nullable String actor, AuditEvent.@Nullable Outcome outcome) {
        return store.with(
                handle ->
                        filter(handle.createQuery(AccessSql.COUNT_AUDIT), actor, outcome)
                                .mapTo(Long.class)
                                .one());
    }

    private static Query filter(
            Query query, @Nullable String actor, AuditEvent.@Nullable Outcome outcome) {
        return query.bind("actor", actor)
                .bind("outcome", outcome == null ? null : EnumNames.of(outcome));
    }

    private static AuditEvent row(ResultSet row, StatementContext context) throws SQLException {
        return new AuditEvent(
                GrantColumns.time(row, "created_at"),
                row.getString("actor"),
                EnumNames.parse(Principal.Kind.class, row.getString("actor_kind")),
                row.getString("source_ip"),
                row.getString("request_id"),
                row.getString("method"),
                row.getString("route"),
                row.getString("resource_type"),
                row.getString("resource_id"),
                row.getString("tenant_id"),
                EnumNames.parse(AuditEvent.Outcome.class, row.getString("outcome")),
                row.getInt("status"));
    }
}
