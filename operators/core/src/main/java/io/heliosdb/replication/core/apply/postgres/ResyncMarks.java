package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.Resync;
import io.heliosdb.replication.model.ReplicationId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Asks a target for resyncs while no job runs, and what became of those there were. */
public final class ResyncMarks {

    private ResyncMarks() {}

    /**
     * From here on these replications have no position and no first copy that counts: whoever
     * claims them next compares and mends all tables first, from whatever source and position it
     * begins at. Whoever holds the right to write loses it. Idempotent; one transaction.
     *
     * @return the number of replications that the target knows
     */
    public static int mark(Connection target, List<ReplicationId> replications, String why)
            throws SQLException {
        String[] ids = replications.stream().map(ReplicationId::value).toArray(String[]::new);
        boolean autoCommit = target.getAutoCommit();
        target.setAutoCommit(false);
        try (PreparedStatement mark = target.prepareStatement(ApplySql.MARK_RESYNC);
                PreparedStatement forget = target.prepareStatement(ApplySql.FORGET_ALL_COPIES);
                PreparedStatement old = target.prepareStatement(ApplySql.FORGET_MENDED)) {
            mark.setString(1, FilterText.write(new Resync(List.of(), 0, why).spared()));
            mark.setString(2, why);
            mark.setArray(3, target.createArrayOf("text", ids));
            int marked = mark.executeUpdate();
            forget.setArray(1, target.createArrayOf("text", ids));
            forget.executeUpdate();
            old.setArray(1, target.createArrayOf("text", ids));
            old.execute();
            target.commit();
            return marked;
        } catch (SQLException e) {
            target.rollback();
            throw e;
        } finally {
            target.setAutoCommit(autoCommit);
        }
    }

    /** What the last resync has compared, and what it found wrong, a line per table. */
    public static List<String> mended(Connection target, ReplicationId replication)
            throws SQLException {
        List<String> lines = new ArrayList<>();
        for (String sql : List.of(ApplySql.COMPARED, ApplySql.MENDED)) {
            try (PreparedStatement query = target.prepareStatement(sql)) {
                query.setString(1, replication.value());
                try (ResultSet row = query.executeQuery()) {
                    while (row.next()) {
                        lines.add(row.getString(1));
                    }
                }
            }
        }
        return lines;
    }
}
