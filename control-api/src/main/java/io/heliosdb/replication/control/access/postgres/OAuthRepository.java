package io.heliosdb.replication.control.access.postgres;

import io.heliosdb.replication.control.access.Credential;
import io.heliosdb.replication.control.access.Grant;
import io.heliosdb.replication.control.access.OAuthClient;
import io.heliosdb.replication.control.secret.SecretKeys;
import io.heliosdb.replication.control.store.postgres.MetadataStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** OAuth clients in the store, and the keys that their tokens are signed with. */
public final class OAuthRepository {

    private final MetadataStore store;
    private final SecretKeys keys;

    public OAuthRepository(MetadataStore store, SecretKeys keys) {
        this.store = store;
        this.keys = keys;
    }

    public OAuthClient insert(Credential credential, Grant grant, String createdBy) {
        return store.with(
                handle ->
                        GrantColumns.bind(handle.createQuery(AccessSql.INSERT_CLIENT), grant)
                                .bind("id", credential.id())
                                .bind("hash", credential.hash())
                                .bind("created_by", createdBy)
                                .map(OAuthRepository::row)
                                .one());
    }

    /** The client of this id if the secret is right, revoked or not. */
    public Optional<OAuthClient> find(Credential credential) {
        return store.with(
                handle ->
                        handle.createQuery(AccessSql.FIND_CLIENT)
                                .bind("id", credential.id())
                                .map(
                                        (row, context) ->
                                                credential.matches(row.getBytes("secret_hash"))
                                                        ? Optional.of(row(row, context))
                                                        : Optional.<OAuthClient>empty())
                                .findOne()
                                .flatMap(client -> client));
    }

    /** The client of this id, whoever asks: for tokens that name it. */
    public Optional<OAuthClient> find(String clientId) {
        return store.with(
                handle ->
                        handle.createQuery(AccessSql.FIND_CLIENT)
                                .bind("id", clientId)
                                .map(OAuthRepository::row)
                                .findOne());
    }

    public List<OAuthClient> list(int offset, int limit) {
        return store.with(
                handle ->
                        handle.createQuery(AccessSql.LIST_CLIENTS)
                                .bind("offset", offset)
                                .bind("limit", limit)
                                .map(OAuthRepository::row)
                                .list());
    }

    public long count() {
        return store.with(
                handle -> handle.createQuery(AccessSql.COUNT_CLIENTS).mapTo(Long.class).one());
    }

    public boolean revoke(String id) {
        return store.with(
                handle ->
                        handle.createUpdate(AccessSql.REVOKE_CLIENT).bind("id", id).execute() == 1);
    }

    /**
     * The private signing keys as JWKs, the newest first; the first one is made if there is none.
     */
    public List<String> signingKeys(String kidIfNone, Supplier<String> jwkIfNone) {
        return store.inTransaction(
                handle -> {
                    handle.execute(AccessSql.LOCK_SIGNING);
                    List<String> jwks = List.copyOf(signingKeys(handle).values());
                    if (!jwks.isEmpty()) {
                        return jwks;
                    }
                    String jwk = jwkIfNone.get();
                    handle.createUpdate(AccessSql.ADD_SIGNING_KEY)
                            .bind("kid", kidIfNone)
                            .bind("private_key", keys.encrypt(jwk, kidIfNone))
                            .execute();
                    return List.of(jwk);
                });
    }

    private Map<String, String> signingKeys(Handle handle) {
        return handle.createQuery(AccessSql.SIGNING_KEYS)
                .reduceRows(
                        new LinkedHashMap<String, String>(),
                        (all, row) -> {
                            String kid = row.getColumn("kid", String.class);
                            all.put(
                                    kid,
                                    keys.decrypt(row.getColumn("private_key", byte[].class), kid));
                            return all;
                        });
    }

    /** Encrypts all signing keys with these keys, in the caller's transaction. Returns how many. */
    public int encryptAnew(Handle handle, SecretKeys next) {
        Map<String, String> all = signingKeys(handle);
        all.forEach(
                (kid, jwk) ->
                        handle.createUpdate(AccessSql.REPLACE_SIGNING_KEY)
                                .bind("kid", kid)
                                .bind("private_key", next.encrypt(jwk, kid))
                                .execute());
        return all.size();
    }

    private static OAuthClient row(ResultSet row, StatementContext context) throws SQLException {
        return new OAuthClient(
                row.getString("client_id"),
                GrantColumns.read(row),
                row.getString("created_by"),
                GrantColumns.time(row, "created_at"),
                GrantColumns.timeOrNull(row, "revoked_at"));
    }
}
