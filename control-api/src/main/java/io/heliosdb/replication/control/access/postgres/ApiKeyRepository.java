package io.heliosdb.replication.control.access.postgres;

import io.heliosdb.replication.control.access.ApiKey;
import io.heliosdb.replication.control.access.Credential;
import io.heliosdb.replication.control.access.Grant;
import io.heliosdb.replication.control.store.postgres.MetadataStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** API keys in the store. A revoked key fails with the next request, on every instance. */
public final class ApiKeyRepository {

    private final MetadataStore store;

    public ApiKeyRepository(MetadataStore store) {
        this.store = store;
    }

    public ApiKey insert(
            Credential credential, Grant grant, @Nullable Instant expiresAt, String createdBy) {
        return store.with(
                handle ->
                        GrantColumns.bind(handle.createQuery(AccessSql.INSERT_KEY), grant)
                                .bind("id", credential.id())
                                .bind("hash", credential.hash())
                                .bind("created_by", createdBy)
                                .bind(
                                        "expires_at",
                                        expiresAt == null
                                                ? null
                                                : expiresAt.atOffset(ZoneOffset.UTC))
                                .map(ApiKeyRepository::row)
                                .one());
    }

    /** The key that this credential proves, live or not. */
    public Optional<ApiKey> find(Credential credential) {
        return store.with(
                handle ->
                        handle.createQuery(AccessSql.FIND_KEY)
                                .bind("id", credential.id())
                                .map(
                                        (row, context) ->
                                                credential.matches(row.getBytes("secret_hash"))
                                                        ? Optional.of(row(row, context))
                                                        : Optional.<ApiKey>empty())
                                .findOne()
                                .flatMap(key -> key));
    }

    public void used(ApiKey key) {
        store.with(
                handle -> handle.createUpdate(AccessSql.KEY_USED).bind("id", key.id()).execute());
    }

    public List<ApiKey> list(int offset, int limit) {
        return store.with(
                handle ->
                        handle.createQuery(AccessSql.LIST_KEYS)
                                .bind("offset", offset)
                                .bind("limit", limit)
                                .map(ApiKeyRepository::row)
                                .list());
    }

    public long count() {
        return store.with(
                handle -> handle.createQuery(AccessSql.COUNT_KEYS).mapTo(Long.class).one());
    }

    /** Returns whether there is such a key. */
    public boolean revoke(String id) {
        return store.with(
                handle -> handle.createUpdate(AccessSql.REVOKE_KEY).bind("id", id).execute() == 1);
    }

    /** Whether anybody can administer: by a key or as a client. */
    public boolean hasAdmin() {
        return store.with(
                handle -> handle.createQuery(AccessSql.HAS_ADMIN).mapTo(Boolean.class).one());
    }

    private static ApiKey row(ResultSet row, StatementContext context) throws SQLException {
        return new ApiKey(
                row.getString("id"),
                GrantColumns.read(row),
                row.getString("created_by"),
                GrantColumns.time(row, "created_at"),
                GrantColumns.timeOrNull(row, "expires_at"),
                GrantColumns.timeOrNull(row, "revoked_at"),
                GrantColumns.timeOrNull(row, "last_used_at"));
    }
}
