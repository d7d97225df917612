package io.heliosdb.replication.core.ingest.postgres;

import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.ingest.SourceTimeline;
import io.heliosdb.replication.core.ingest.WalPosition;
import io.heliosdb.replication.core.polling.Polling;
import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.core.postgres.SqlState;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.SourceConfig;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has to be known and done at the source before a stream is opened. Each call uses a
 * connection of its own.
 */
public final class SourceAdmin {

    private static final Logger LOG = LoggerFactory.getLogger(SourceAdmin.class);
    private static final Duration SLOT_PAUSE = Duration.ofMillis(100);
    private static final Duration PATIENCE_WITH_FORMER_READER = Duration.ofSeconds(20);

    /** The way out where the stream cannot continue. */
    static final String ANEW =
            " To begin anew, comparing and mending what the targets have: 'heliosdb-cli resync --all"
                    + " --new-slot'";

    private SourceAdmin() {}

    /** A slot as the source has it. */
    public record Slot(
            String type,
            @Nullable String plugin,
            @Nullable String database,
            boolean active,
            int activePid,
            @Nullable String walStatus,
            @Nullable Lsn restartLsn,
            @Nullable Lsn confirmedFlushLsn,
            @Nullable String invalidationReason) {}

    /** Which database this is. */
    public static SourceIdentity identify(DatabaseConfig database) {
        try (Connection connection = Connections.openReplication(database, "heliosdb-identify");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(IngestSql.IDENTIFY)) {
            row.next();
            return new SourceIdentity(row.getString("systemid"), row.getString("dbname"));
        } catch (SQLException e) {
            throw unreachable(database, e);
        }
    }

    /** The slot of that name, if it exists in the cluster. */
    public static Optional<Slot> slot(SourceConfig config) {
        try (Connection connection = open(config)) {
            return slot(connection, config.slot());
        } catch (SQLException e) {
            throw unreachable(config.database(), e);
        }
    }

    /**
     * Where a new job begins: at the slot's confirmed position, or at the position where the slot
     * is made now. A slot that exists must be ours to use.
     */
    public static Lsn begin(SourceConfig config) {
        return begin(config, PATIENCE_WITH_FORMER_READER);
    }

    static Lsn begin(SourceConfig config, Duration patience) {
        try (Connection connection = open(config)) {
            Optional<Slot> existing = slot(connection, config.slot());
            if (existing.isPresent()) {
                Lsn confirmed =
                        usable(connection, config, existing.get(), patience).confirmedFlushLsn();
                if (confirmed == null) {
                    throw new ReplicationException(
                            ErrorCode.SLOT_UNUSABLE,
                            "slot '"
                                    + config.slot()
                                    + "' was never made completely. Run SELECT"
                                    + " pg_drop_replication_slot('"
                                    + config.slot()
                                    + "');");
                }
                LOG.info("slot found slot={} lsn={}", config.slot(), confirmed);
                FailoverSlots.enable(connection, config);
                return confirmed;
            }
            return SlotCreation.create(connection, config);
        } catch (SQLException e) {
            throw notReady(config, e);
        }
    }

    /**
     * Makes sure that the slot still has everything from this position on, and that nobody else
     * reads it.
     */
    public static void checkContinues(
            SourceConfig config, SourceIdentity expected, WalPosition position) {
        checkContinues(config, expected, position, 0);
    }

    /**
     * As above, and that the source has not lost what was read: after a failover to a standby that
     * was behind, or to a former primary.
     *
     * @param timeline on which the position was reached; 0 if unknown
     * @return the timeline of now
     */
    static long checkContinues(
            SourceConfig config, SourceIdentity expected, WalPosition position, long timeline) {
        SourceIdentity actual = identify(config.database());
        if (!actual.equals(expected)) {
            throw new ReplicationException(
                    ErrorCode.CHECKPOINT_OF_ANOTHER_SOURCE,
                    "the checkpoint is of source "
                            + expected
                            + " (system identifier/database), but "
                            + config.database().url()
                            + " is "
                            + actual
                            + ". Use another checkpoint-directory, or the source that it belongs to."
                            + ANEW);
        }
        SourceTimeline now = timeline(config.database());
        try (Connection connection = open(config)) {
            Timelines.checkNotLost(connection, config, position, timeline, now);
            Slot slot =
                    slot(connection, config.slot())
                            .orElseThrow(() -> missing(config, position.restartLsn()));
            checkNotBeyond(
                    config,
                    usable(connection, config, slot, PATIENCE_WITH_FORMER_READER),
                    position);
            return now.timeline();
        } catch (SQLException e) {
            throw unreachable(config.database(), e);
        }
    }

    /** The timeline that a source is on, and those that led to it. */
    public static SourceTimeline timeline(DatabaseConfig database) {
        return Timelines.read(database);
    }

    /**
     * To be asked again when the slot is ours, for then it cannot move any more: PostgreSQL begins
     * at the confirmed position, without a word, if it is asked for an earlier one. Returns that.
     */
    static @Nullable Lsn checkNotBeyond(SourceConfig config, WalPosition position) {
        Slot slot = slot(config).orElseThrow(() -> missing(config, position.restartLsn()));
        checkNotBeyond(config, slot, position);
        return slot.confirmedFlushLsn();
    }

    private static void checkNotBeyond(SourceConfig config, Slot slot, WalPosition position) {
        Lsn confirmed = slot.confirmedFlushLsn();
        if (confirmed != null && confirmed.isAfter(new Lsn(position.restartLsn()))) {
            throw new ReplicationException(
                    ErrorCode.SLOT_UNUSABLE,
                    "slot '"
                            + config.slot()
                            + "' has been confirmed up to "
                            + confirmed
                            + ", the checkpoint is older and needs "
                            + Lsn.format(position.restartLsn())
                            + ": changes between are gone. Restore a newer checkpoint, if there is"
                            + " one."
                            + ANEW);
        }
    }

    /** Returns the slot as it is once nobody else reads it, or says why it cannot be used. */
    static Slot usable(Connection connection, SourceConfig config, Slot slot, Duration patience)
            throws SQLException {
        String name = "slot '" + config.slot() + "'";
        if (!"logical".equals(slot.type) || !"pgoutput".equals(slot.plugin)) {
            throw new ReplicationException(
                    ErrorCode.SLOT_UNUSABLE,
                    name
                            + " is a "
                            + slot.type
                            + " slot"
                            + (slot.plugin == null ? "" : " of plugin '" + slot.plugin + "'")
                            + ", needed is a logical one of 'pgoutput'. Choose another name for"
                            + " source.slot");
        }
        String database = connection.getCatalog();
        if (!database.equals(slot.database)) {
            throw new ReplicationException(
                    ErrorCode.SLOT_UNUSABLE,
                    name
                            + " belongs to database '"
                            + slot.database
                            + "', the source is '"
                            + database
                            + "'. Choose another name for source.slot");
        }
        if (slot.invalidationReason != null) {
            throw new ReplicationException(
                    ErrorCode.SLOT_UNUSABLE,
                    name
                            + " was invalidated by the source ("
                            + slot.invalidationReason
                            + "): WAL or rows that it needed are gone. Run SELECT"
                            + " pg_drop_replication_slot('"
                            + config.slot()
                            + "'); raise max_slot_wal_keep_size if that was the cause."
                            + ANEW);
        }
        return awaitFree(connection, config, slot, patience);
    }

    /**
     * A reader that was killed a moment ago may still hold the slot, and confirm more before it
     * lets go: the slot is returned as it is then.
     */
    private static Slot awaitFree(
            Connection connection, SourceConfig config, Slot slot, Duration patience)
            throws SQLException {
        Polling polling = Polling.every(SLOT_PAUSE).within(patience);
        Slot current = slot;
        try {
            while (current.active) {
                if (!polling.again()) {
                    throw inUse(config, current.activePid);
                }
                current = slot(connection, config.slot()).orElse(current);
            }
            return current;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ReplicationException(
                    ErrorCode.SOURCE_UNREACHABLE, "interrupted while waiting for the slot", e);
        }
    }

    static ReplicationException inUse(SourceConfig config, int pid) {
        return new ReplicationException(
                ErrorCode.SLOT_IN_USE,
                "slot '"
                        + config.slot()
                        + "' is read by the backend with pid "
                        + pid
                        + ". If that is no job of yours, end it: SELECT pg_terminate_backend("
                        + pid
                        + ");");
    }

    private static ReplicationException missing(SourceConfig config, long lsn) {
        return new ReplicationException(
                ErrorCode.SLOT_MISSING,
                "slot '"
                        + config.slot()
                        + "' does not exist any more at "
                        + config.database().url()
                        + ", the checkpoint needs it from "
                        + Lsn.format(lsn)
                        + ". What was written since may be lost to the stream."
                        + ANEW);
    }

    /** Drops the slot; it must not be in use. */
    public static void dropSlot(SourceConfig config) {
        try (Connection connection = open(config);
                PreparedStatement drop = connection.prepareStatement(IngestSql.DROP_SLOT)) {
            drop.setString(1, config.slot());
            drop.execute();
        } catch (SQLException e) {
            throw notReady(config, e);
        }
    }

    static Optional<Slot> slot(Connection connection, String name) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(IngestSql.SLOT)) {
            query.setString(1, name);
            try (ResultSet row = query.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                String restart = row.getString(7);
                String confirmed = row.getString(8);
                return Optional.of(
                        new Slot(
                                row.getString(1),
                                row.getString(2),
                                row.getString(3),
                                row.getBoolean(4),
                                row.getInt(5),
                                row.getString(6),
                                restart == null ? null : Lsn.parse(restart),
                                confirmed == null ? null : Lsn.parse(confirmed),
                                row.getString(9)));
            }
        }
    }

    static Connection open(SourceConfig config) {
        return Connections.open(config.database(), "heliosdb-admin", Connections.Endpoint.SOURCE);
    }

    static ReplicationException notReady(SourceConfig config, SQLException e) {
        if (SqlState.OBJECT_IN_USE.equals(e.getSQLState())) {
            return inUse(config, 0);
        }
        return new ReplicationException(
                ErrorCode.SOURCE_NOT_READY,
                "slot '"
                        + config.slot()
                        + "' at "
                        + config.database().url()
                        + ": "
                        + e.getMessage(),
                e);
    }

    static ReplicationException unreachable(DatabaseConfig database, SQLException e) {
        return new ReplicationException(
                ErrorCode.SOURCE_UNREACHABLE,
                "source " + database.url() + ": " + e.getMessage(),
                e);
    }
}
