package io.heliosdb.replication.control.connection.postgres;

import io.heliosdb.replication.control.connection.Connection;
import io.heliosdb.replication.control.connection.ConnectionSpec;
import io.heliosdb.replication.control.connection.SourceRole;
import io.heliosdb.replication.control.connection.TargetRole;
import io.heliosdb.replication.control.json.Json;
import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.control.secret.SecretKeys;
import io.heliosdb.replication.control.store.postgres.MetadataStore;
import io.heliosdb.replication.core.postgres.SqlState;
import io.heliosdb.replication.model.config.Secret;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** Connections in the store; their passwords are encrypted with the connection's id. */
public final class ConnectionRepository {

    private final MetadataStore store;
    private final SecretKeys keys;

    public ConnectionRepository(MetadataStore store, SecretKeys keys) {
        this.store = store;
        this.keys = keys;
    }

    public Connection insert(ConnectionSpec spec, @Nullable Secret password) {
        UUID id = UUID.randomUUID();
        return named(
                spec,
                () ->
                        store.with(
                                handle ->
                                        bind(
                                                        handle.createQuery(ConnectionSql.INSERT),
                                                        id,
                                                        spec,
                                                        password)
                                                .map(ConnectionRepository::row)
                                                .one()));
    }

    public Optional<Connection> find(UUID id) {
        return store.with(
                handle ->
                        handle.createQuery(ConnectionSql.FIND)
                                .bind("id", id)
                                .map(ConnectionRepository::row)
                                .findOne());
    }

    public List<Connection> list(int offset, int limit) {
        return store.with(
                handle ->
                        handle.createQuery(ConnectionSql.LIST)
                                .bind("offset", offset)
                                .bind("limit", limit)
                                .map(ConnectionRepository::row)
                                .list());
    }

    public long count() {
        return store.with(
                handle -> handle.createQuery(ConnectionSql.COUNT).mapTo(Long.class).one());
    }

    /**
     * Changes the row under its lock.
     *
     * @param change is told how many live replications use it
     */
    public Connection update(
            UUID id,
            BiFunction<ConnectionSpec, Integer, ConnectionSpec> change,
            @Nullable Secret password) {
        return store.inTransaction(
                handle -> {
                    Connection before =
                            lock(handle, id)
                                    .orElseThrow(() -> ControlException.notFound("connection", id));
                    ConnectionSpec after = change.apply(before.spec(), uses(handle, id));
                    return named(
                            after,
                            () ->
                                    bind(
                                                    handle.createQuery(ConnectionSql.UPDATE),
                                                    id,
                                                    after,
                                                    password)
                                            .map(ConnectionRepository::row)
                                            .one());
                });
    }

    private static Optional<Connection> lock(Handle handle, UUID id) {
        return handle.createQuery(ConnectionSql.LOCK)
                .bind("id", id)
                .map(ConnectionRepository::row)
                .findOne();
    }

    /** How many live replications read from or write to it. */
    public int usesOf(UUID id) {
        return store.with(handle -> uses(handle, id));
    }

    private static int uses(Handle handle, UUID id) {
        return handle.createQuery(ConnectionSql.USES).bind("id", id).mapTo(Integer.class).one();
    }

    /** Returns false, and changes nothing, if it is used. */
    public boolean delete(UUID id) {
        return store.inTransaction(
                handle ->
                        lock(handle, id).isPresent()
                                && uses(handle, id) == 0
                                && handle.createUpdate(ConnectionSql.DELETE)
                                                .bind("id", id)
                                                .execute()
                                        == 1);
    }

    public Secret password(UUID id) {
        byte[] secret =
                store.with(
                        handle ->
                                handle.createQuery(ConnectionSql.SECRET)
                                        .bind("id", id)
                                        .map((row, context) -> Optional.ofNullable(row.getBytes(1)))
                                        .findOne()
                                        .flatMap(it -> it)
                                        .orElse(null));
        return secret == null ? Secret.EMPTY : new Secret(keys.decrypt(secret, id.toString()));
    }

    /** Encrypts all secrets with these keys, in the caller's transaction. Returns how many. */
    public int encryptAnew(Handle handle, SecretKeys next) {
        Map<UUID, byte[]> secrets =
                handle.createQuery(ConnectionSql.SECRETS)
                        .reduceRows(
                                new LinkedHashMap<UUID, byte[]>(),
                                (all, row) -> {
                                    all.put(
                                            row.getColumn("id", UUID.class),
                                            row.getColumn("secret", byte[].class));
                                    return all;
                                });
        secrets.forEach(
                (id, secret) ->
                        handle.createUpdate(ConnectionSql.REPLACE_SECRET)
                                .bind("id", id)
                                .bind(
                                        "secret",
                                        next.encrypt(
                                                keys.decrypt(secret, id.toString()), id.toString()))
                                .execute());
        return secrets.size();
    }

    private <S extends SqlStatement<S>> S bind(
            S statement, UUID id, ConnectionSpec spec, @Nullable Secret password) {
        return statement
                .bind("id", id)
                .bind("name", spec.name())
                .bind("host", spec.host())
                .bind("port", spec.port())
                .bind("database", spec.database())
                .bind("username", spec.username())
                .bind(
                        "secret",
                        password == null ? null : keys.encrypt(password.value(), id.toString()))
                .bind("ssl_mode", spec.sslMode())
                .bind("region", spec.region())
                .bind("source", Json.column(spec.source()))
                .bind("target", Json.column(spec.target()));
    }

    /** Tells a name that is taken. */
    private static Connection named(ConnectionSpec spec, Supplier<Connection> work) {
        try {
            return work.get();
        } catch (JdbiException e) {
            if (MetadataStore.sqlState(e).equals(SqlState.UNIQUE_VIOLATION)) {
                throw ControlException.conflict(
                        "there is a connection named " + spec.name() + " already",
                        Map.of("name", spec.name()));
            }
            throw e;
        }
    }

    private static Connection row(ResultSet row, StatementContext context) throws SQLException {
        return new Connection(
                row.getObject("id", UUID.class),
                new ConnectionSpec(
                        row.getString("name"),
                        row.getString("host"),
                        row.getInt("port"),
                        row.getString("database_name"),
                        row.getString("username"),
                        row.getString("ssl_mode"),
                        row.getString("region"),
                        Json.readColumn(row.getString("source"), SourceRole.class),
                        Json.readColumn(row.getString("target"), TargetRole.class)),
                row.getBoolean("has_password"),
                row.getLong("version"),
                row.getTimestamp("created_at").toInstant(),
                row.getTimestamp("updated_at").toInstant());
    }
}
