package io.heliosdb.replication.core.ingest.postgres;

import io.heliosdb.replication.core.ingest.SourceTimeline;
import io.heliosdb.replication.core.ingest.WalPosition;
import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.SourceConfig;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** What a failover or a restore of the source means for what was read from it. */
final class Timelines {

    private Timelines() {}

    /** The timeline of now, and those that led to it. */
    static SourceTimeline read(DatabaseConfig database) {
        try (Connection connection = Connections.openReplication(database, "heliosdb-identify");
                Statement statement = connection.createStatement()) {
            long timeline;
            try (ResultSet row = statement.executeQuery(IngestSql.IDENTIFY)) {
                row.next();
                timeline = row.getLong("timeline");
            }
            if (timeline == 1) {
                return SourceTimeline.parse(timeline, "");
            }
            try (ResultSet row = statement.executeQuery(IngestSql.TIMELINE_HISTORY + timeline)) {
                row.next();
                return SourceTimeline.parse(timeline, row.getString("content"));
            }
        } catch (SQLException e) {
            throw SourceAdmin.unreachable(database, e);
        }
    }

    /**
     * Fails if a position that was reached on some timeline (0: unknown) is not in this source's
     * past.
     */
    static void checkNotLost(
            Connection connection,
            SourceConfig config,
            WalPosition position,
            long timeline,
            SourceTimeline now)
            throws SQLException {
        Lsn reached = new Lsn(Math.max(position.restartLsn(), position.partialCommitLsn()));
        Lsn end;
        boolean standby;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(IngestSql.WAL_END)) {
            row.next();
            end = Lsn.parse(row.getString(1));
            standby = row.getBoolean(2);
        }
        String where = "source " + config.database().url();
        String what = null;
        if (now.lacks(timeline, reached)) {
            Lsn shared = now.sharedUpTo(timeline).orElseThrow();
            what =
                    shared.value() == 0
                            ? where
                                    + " writes timeline "
                                    + now.timeline()
                                    + ", which does not go back to timeline "
                                    + timeline
                                    + " that was read: it may be a former primary"
                            : where
                                    + " failed over at "
                                    + shared
                                    + " of timeline "
                                    + timeline
                                    + ", and it was read up to "
                                    + reached
                                    + ": what is between was replicated, and the source has lost it";
        } else if (reached.isAfter(end) && standby) {
            throw new ReplicationException(
                    ErrorCode.SOURCE_UNREACHABLE,
                    where
                            + " is a standby that has replayed up to "
                            + end
                            + ", and it was read up to "
                            + reached
                            + ": waiting for it");
        } else if (reached.isAfter(end)) {
            what =
                    where
                            + " has written up to "
                            + end
                            + ", and it was read up to "
                            + reached
                            + ": it was set back";
        }
        if (what != null) {
            throw new ReplicationException(
                    ErrorCode.SOURCE_DIVERGED, what + "." + SourceAdmin.ANEW);
        }
    }
}
