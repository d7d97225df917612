package io.heliosdb.replication.core.verify.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliosdb.replication.core.polling.Polling;
import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.core.verify.ChangeSink;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DatabaseConfig;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/**
 * The simplest job that is right: one thread reads a slot and applies each source transaction in
 * one target transaction, with the progress of its replications. Row by row, as plain SQL.
 */
final class SimulatedJob implements AutoCloseable, ChangeSink {

    private final Map<Integer, RelationDescriptor> relations = new HashMap<>();
    private final String slot;
    private final String publication;
    private final DatabaseConfig source;
    private final Connection target;
    private final Statement statement;
    private final Set<String> tenants;
    private final Thread thread;
    private volatile boolean stopped;
    private volatile Throwable failure;
    private long commitLsn;
    private long appliedLsn;

    SimulatedJob(
            DatabaseConfig source,
            Connection target,
            String slot,
            String publication,
            Set<String> tenants)
            throws SQLException {
        this.source = source;
        this.target = target;
        this.slot = slot;
        this.publication = publication;
        this.tenants = tenants;
        target.setAutoCommit(false);
        this.statement = target.createStatement();
        this.thread = new Thread(this::run, "simulated-job-" + slot);
        thread.start();
    }

    private void run() {
        try (Connection replication = Connections.openReplication(source, "simulated-job")) {
            PGReplicationStream stream =
                    ChangeStream.open(replication, publication, slot, Lsn.ZERO);
            StreamDecoder decoder = new StreamDecoder(this);
            Polling polling = Polling.every(Duration.ofMillis(1));
            while (!stopped) {
                ByteBuffer message = stream.readPending();
                if (message != null) {
                    decoder.accept(message);
                } else {
                    polling.again();
                }
            }
            // A clean end confirms what is applied, as a job's last checkpoint does.
            stream.setFlushedLSN(LogSequenceNumber.valueOf(appliedLsn));
            stream.setAppliedLSN(LogSequenceNumber.valueOf(appliedLsn));
            stream.forceUpdateStatus();
            stream.close();
        } catch (Throwable e) {
            failure = e;
        }
    }

    @Override
    public void begin(long lsn) {
        commitLsn = lsn;
    }

    @Override
    public void commit() {
        try {
            statement.execute(
                    "UPDATE heliosdb.replication_progress SET commit_lsn = '"
                            + Lsn.format(commitLsn)
                            + "', ordinal = "
                            + Long.MAX_VALUE
                            + " WHERE tenant_id IN "
                            + tenants.stream().collect(Collectors.joining("','", "('", "')")));
            target.commit();
            appliedLsn = commitLsn;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void relation(RelationDescriptor relation) {
        relations.put(relation.oid(), relation);
    }

    @Override
    public void insert(int oid, byte[][] tuple) {
        RelationDescriptor relation = relations.get(oid);
        if (tenants.contains(tenant(relation, tuple))) {
            List<String> names = new ArrayList<>();
            List<String> values = new ArrayList<>();
            for (int i = 0; i < tuple.length; i++) {
                names.add(TableId.quote(relation.columns().get(i).name()));
                values.add(literal(tuple[i]));
            }
            execute(
                    "INSERT INTO "
                            + relation.table().quoted()
                            + " ("
                            + String.join(", ", names)
                            + ") VALUES ("
                            + String.join(", ", values)
                            + ")");
        }
    }

    @Override
    public void update(int oid, boolean whole, byte[][] old, byte[][] tuple) {
        RelationDescriptor relation = relations.get(oid);
        String before = tenant(relation, old == null ? tuple : old);
        boolean leaves = tenants.contains(before);
        boolean enters = tenants.contains(tenant(relation, tuple));
        if (leaves && enters) {
            List<String> assignments = new ArrayList<>();
            for (int i = 0; i < tuple.length; i++) {
                if (tuple[i] != UNCHANGED) {
                    assignments.add(
                            TableId.quote(relation.columns().get(i).name())
                                    + " = "
                                    + literal(tuple[i]));
                }
            }
            execute(
                    "UPDATE "
                            + relation.table().quoted()
                            + " SET "
                            + String.join(", ", assignments)
                            + where(relation, whole, old == null ? tuple : old));
        } else if (leaves) {
            delete(oid, whole, old);
        } else if (enters) {
            byte[][] complete = tuple.clone();
            for (int i = 0; i < complete.length; i++) {
                complete[i] = complete[i] == UNCHANGED ? old[i] : complete[i];
            }
            insert(oid, complete);
        }
    }

    @Override
    public void delete(int oid, boolean whole, byte[][] old) {
        RelationDescriptor relation = relations.get(oid);
        if (tenants.contains(tenant(relation, old))) {
            execute("DELETE FROM " + relation.table().quoted() + where(relation, whole, old));
        }
    }

    @Override
    public void truncate(int oid) {
        execute(
                "DELETE FROM "
                        + relations.get(oid).table().quoted()
                        + " WHERE tenant_id::text IN "
                        + tenants.stream().collect(Collectors.joining("','", "('", "')")));
    }

    private static String where(RelationDescriptor relation, boolean whole, byte[][] old) {
        String conditions = "";
        for (int i = 0; i < old.length; i++) {
            String name = TableId.quote(relation.columns().get(i).name());
            if (whole) {
                conditions +=
                        (conditions.isEmpty() ? "" : " AND ")
                                + name
                                + "::text IS NOT DISTINCT FROM "
                                + (old[i] == null ? "NULL" : literal(old[i]) + "::text");
            } else if (relation.columns().get(i).identity()) {
                conditions +=
                        (conditions.isEmpty() ? "" : " AND ") + name + " = " + literal(old[i]);
            }
        }
        return whole
                ? " WHERE ctid = (SELECT ctid FROM "
                        + relation.table().quoted()
                        + " WHERE "
                        + conditions
                        + " LIMIT 1)"
                : " WHERE " + conditions;
    }

    private static String tenant(RelationDescriptor relation, byte[][] tuple) {
        return new String(tuple[relation.indexOf("tenant_id")], UTF_8);
    }

    private static String literal(byte[] value) {
        return value == null ? "NULL" : VerifySql.literal(new String(value, UTF_8));
    }

    private void execute(String sql) {
        try {
            int rows = statement.executeUpdate(sql);
            if (rows == 0 && !sql.contains("IN (")) {
                throw new IllegalStateException("found no row: " + sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Stops reading; what was read is applied. */
    @Override
    public void close() throws SQLException {
        stopped = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        target.close();
        if (failure != null) {
            throw new AssertionError("the simulated job failed", failure);
        }
    }
}
