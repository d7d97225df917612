package io.heliosdb.replication.core.verify.postgres;

import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.core.verify.ChangeCollector;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.SourceConfig;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The source in one snapshot, and what was committed around it.
 *
 * <p>A temporary logical slot is made with an exported snapshot: it sees exactly the transactions
 * whose commit record is below {@link #point}, and the slot streams exactly the others. The slot
 * belongs to the session and goes with it, however that ends.
 */
final class SourceEnd implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SourceEnd.class);
    private static final String CANCELLED = "57014";
    private static final String LIMIT_EXCEEDED = "53400";

    private final SourceConfig config;
    private final Connection replication;
    private final Frozen frozen;
    private final String identity;
    private final String slot;
    private final Lsn point;
    private @Nullable Connection copied;

    private SourceEnd(
            SourceConfig config,
            Connection replication,
            Frozen frozen,
            String identity,
            String slot,
            Lsn point) {
        this.config = config;
        this.replication = replication;
        this.frozen = frozen;
        this.identity = identity;
        this.slot = slot;
        this.point = point;
    }

    /**
     * @param timeout longest wait for a consistent point: it comes when every transaction that
     *     writes now has ended
     */
    static SourceEnd open(SourceConfig config, Duration timeout) throws SQLException {
        Connection replication =
                Connections.openReplication(config.database(), Sessions.APPLICATION);
        Frozen frozen = null;
        try {
            String identity = identify(replication);
            String slot = "heliosdb_verify_" + UUID.randomUUID().toString().substring(0, 8);
            frozen = Frozen.open(config.database(), Connections.Endpoint.SOURCE, timeout);
            try (Statement statement = replication.createStatement()) {
                statement.setQueryTimeout((int) Math.max(1, timeout.toSeconds()));
                try (ResultSet row =
                        statement.executeQuery(
                                "CREATE_REPLICATION_SLOT "
                                        + TableId.quote(slot)
                                        + " TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT")) {
                    row.next();
                    Lsn point = Lsn.parse(row.getString("consistent_point"));
                    frozen.freeze(row.getString("snapshot_name"));
                    LOG.info("source snapshot taken slot={} lsn={}", slot, point);
                    return new SourceEnd(config, replication, frozen, identity, slot, point);
                }
            } catch (SQLException e) {
                throw notReady(config, timeout, frozen.keeper(), e);
            }
        } catch (SQLException | RuntimeException e) {
            Connections.abortQuietly(replication);
            if (frozen != null) {
                frozen.close();
            }
            throw e;
        }
    }

    /** The snapshot holds exactly the transactions whose commit record begins below. */
    Lsn point() {
        return point;
    }

    /** {@code systemIdentifier/database}. */
    String identity() {
        return identity;
    }

    Frozen frozen() {
        return frozen;
    }

    /** Whether somebody reads the job's slot now. */
    boolean jobIsReading() {
        try (PreparedStatement query = frozen.keeper().prepareStatement(VerifySql.SLOT)) {
            query.setString(1, config.slot());
            try (ResultSet row = query.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        } catch (SQLException e) {
            throw new EndException(true, e);
        }
    }

    /** Streams what was committed from the snapshot on, up to and including {@code until}. */
    void streamAfter(Lsn until, ChangeCollector changes) throws SQLException {
        ChangeStream.read(replication, config.publication(), slot, point, until, changes);
    }

    /**
     * Streams what was committed before the snapshot, as far back as the job's slot reaches. Reads
     * a temporary copy of that slot, so the job is not disturbed and may even run.
     *
     * @return from where on the stream was complete; null if there is no such slot
     */
    @Nullable Lsn streamBefore(ChangeCollector changes) throws SQLException {
        String copy = slot + "_b";
        Lsn from;
        copied = Connections.openReplication(config.database(), Sessions.APPLICATION);
        try (Statement statement = copied.createStatement()) {
            statement.execute(
                    "SELECT pg_copy_logical_replication_slot("
                            + VerifySql.literal(config.slot())
                            + ", "
                            + VerifySql.literal(copy)
                            + ", true, 'pgoutput')");
            // Of the copy: the original may be confirmed further at any moment.
            try (ResultSet row =
                    statement.executeQuery(
                            "SELECT confirmed_flush_lsn::text FROM pg_replication_slots"
                                    + " WHERE slot_name = "
                                    + VerifySql.literal(copy))) {
                row.next();
                from = Lsn.parse(row.getString(1));
            }
        } catch (SQLException e) {
            LOG.info("slot not copied slot={} sqlstate={}", config.slot(), e.getSQLState());
            return null;
        }
        if (from.compareTo(point) < 0) {
            ChangeStream.read(copied, config.publication(), copy, from, point, changes);
        }
        return from;
    }

    /** Ends the slots; the snapshot stays. */
    void stopStreaming() {
        Connections.abortQuietly(replication);
        Connections.abortQuietly(copied);
    }

    @Override
    public void close() {
        stopStreaming();
        frozen.close();
    }

    private static String identify(Connection replication) throws SQLException {
        try (Statement statement = replication.createStatement();
                ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
            row.next();
            return row.getString("systemid") + "/" + row.getString("dbname");
        }
    }

    private static ReplicationException notReady(
            SourceConfig config, Duration timeout, Connection admin, SQLException e)
            throws SQLException {
        String message =
                switch (e.getSQLState() == null ? "" : e.getSQLState()) {
                    case CANCELLED ->
                            "no consistent point within "
                                    + timeout.toSeconds()
                                    + " s, because transactions that write are open: "
                                    + openWriters(admin)
                                    + ". Wait for them, or give a longer --timeout";
                    case LIMIT_EXCEEDED ->
                            e.getMessage()
                                    + ": a verification needs one slot and one walsender beside the"
                                    + " job's. Raise max_replication_slots and max_wal_senders";
                    default -> e.getMessage();
                };
        return new ReplicationException(
                ErrorCode.SOURCE_NOT_READY,
                "source " + config.database().url() + ": " + message,
                e);
    }

    private static String openWriters(Connection admin) throws SQLException {
        List<String> writers = new ArrayList<>();
        try (Statement statement = admin.createStatement();
                ResultSet row = statement.executeQuery(VerifySql.OPEN_WRITERS)) {
            while (row.next()) {
                writers.add(
                        "pid "
                                + row.getInt(1)
                                + " ("
                                + row.getString(2)
                                + ", for "
                                + row.getString(3)
                                + ")");
            }
        }
        return writers.isEmpty() ? "none is seen any more" : String.join(", ", writers);
    }
}
