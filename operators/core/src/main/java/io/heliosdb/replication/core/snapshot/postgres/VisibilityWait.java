package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.polling.Polling;
import io.heliosdb.replication.model.SourceSnapshot;
import io.heliosdb.replication.model.XidRange;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * Waits until every transaction that the stream has dropped for a member is visible to readers of
 * the source.
 *
 * <p>A commit is in the WAL, and so in the stream, before it is visible: by a moment, or for as
 * long as it waits for a synchronous standby. Only these few transactions are waited for, for as
 * long as it takes; never for others, however long they have been open.
 */
final class VisibilityWait {

    private static final Duration FIRST_PAUSE = Duration.ofMillis(10);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(200);

    private final Connection source;

    VisibilityWait(Connection source) {
        this.source = source;
    }

    /** The ids that a snapshot does not see, as ranges. */
    static List<Long> unseen(SourceSnapshot snapshot, long[] xids) {
        List<Long> unseen = new ArrayList<>();
        for (long range : xids) {
            for (long hidden : snapshot.unseen(range)) {
                unseen.add(hidden);
            }
        }
        return unseen;
    }

    /**
     * Returns once all are seen by the members that are still active.
     *
     * @param reasons hears, whenever they change, of the members that wait and why
     */
    void await(List<Member> members, BiConsumer<List<Member>, String> reasons)
            throws SQLException, InterruptedException {
        Map<Member, String> told = new LinkedHashMap<>();
        Polling polling = Polling.growing(FIRST_PAUSE, LONGEST_PAUSE);
        while (true) {
            SourceSnapshot snapshot = read();
            boolean all = true;
            for (Member member : members) {
                if (!member.isActive()) {
                    continue;
                }
                List<Long> unseen = unseen(snapshot, member.request().pendingXids());
                if (!unseen.isEmpty()) {
                    all = false;
                    String reason = reason(unseen);
                    // A commit under way is visible within moments: not worth a word.
                    if (polling.isLong() && !reason.equals(told.put(member, reason))) {
                        reasons.accept(List.of(member), reason);
                    }
                }
            }
            if (all) {
                return;
            }
            polling.again();
        }
    }

    private SourceSnapshot read() throws SQLException {
        try (Statement statement = source.createStatement();
                ResultSet row = statement.executeQuery(SyncSql.CURRENT_SNAPSHOT)) {
            row.next();
            SourceSnapshot snapshot = SourceSnapshot.parse(row.getString(1));
            source.commit();
            return snapshot;
        }
    }

    private static String text(long range) {
        return XidRange.following(range) == 0
                ? String.valueOf(range)
                : XidRange.first(range) + " to " + XidRange.last(range);
    }

    private static String reason(List<Long> unseen) {
        return unseen.stream()
                .limit(5)
                .map(VisibilityWait::text)
                .collect(
                        Collectors.joining(
                                ", ",
                                "waits for transactions ",
                                (unseen.size() > 5 ? ", … " : " ")
                                        + "that the source has committed but does not show yet"
                                        + " (does it wait for a synchronous standby?)"));
    }
}
