package io.heliosdb.replication.control.connection;

import io.heliosdb.replication.control.connection.postgres.ConnectionRepository;
import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.model.config.Secret;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The connections of the store: register, change, remove. Thread-safe. */
public final class Connections {

    private final ConnectionRepository repository;

    public Connections(ConnectionRepository repository) {
        this.repository = repository;
    }

    /** Registers a database; CONFLICT if the name is taken. Does not try to reach it. */
    public Connection create(ConnectionSpec spec, @Nullable Secret password) {
        return repository.insert(spec, password);
    }

    public Connection get(UUID id) {
        return repository.find(id).orElseThrow(() -> ControlException.notFound("connection", id));
    }

    public List<Connection> list(int offset, int limit) {
        return repository.list(offset, limit);
    }

    public long count() {
        return repository.count();
    }

    /**
     * Changes what is given; a password of null stays as it is. A role that a live replication uses
     * cannot be taken away, nor its database exchanged.
     */
    public Connection update(
            UUID id, UnaryOperator<ConnectionSpec> change, @Nullable Secret password) {
        return repository.update(
                id,
                (before, users) -> {
                    ConnectionSpec after = change.apply(before);
                    boolean elsewhere = !after.database().equals(before.database());
                    if (users > 0
                            && (elsewhere
                                    || before.source() != null && after.source() == null
                                    || before.target() != null && after.target() == null)) {
                        throw ControlException.conflict(
                                "connection "
                                        + before.name()
                                        + " is used by "
                                        + users
                                        + " replications: its database and roles cannot be changed",
                                Map.of("replications", users));
                    }
                    return after;
                },
                password);
    }

    /** Removes it and wipes its secret; CONFLICT while a replication uses it. */
    public void delete(UUID id) {
        Connection connection = get(id);
        if (!repository.delete(id)) {
            throw ControlException.conflict(
                    "connection " + connection.spec().name() + " is used by replications",
                    Map.of("replications", repository.usesOf(id)));
        }
    }

    /** The password, for those who open the database. */
    public Secret password(UUID id) {
        return repository.password(id);
    }
}
