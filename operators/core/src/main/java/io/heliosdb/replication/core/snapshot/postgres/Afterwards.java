package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.polling.Polling;
import io.heliosdb.replication.core.schema.postgres.PendingDdl;
import io.heliosdb.replication.model.TableId;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done for new tables when nobody waits for the copy any more: foreign keys and statistics.
 * Best effort: what cannot be done now is left for the next group.
 */
final class Afterwards {

    private static final Logger LOG = LoggerFactory.getLogger(Afterwards.class);

    private static final int ATTEMPTS = 5;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private Afterwards() {}

    static void run(Connection target, Collection<TableId> created) throws InterruptedException {
        try {
            PendingDdl pending = new PendingDdl(target);
            // Tables are free once the transactions of others that use them end.
            Polling polling = Polling.growing(FIRST_PAUSE, LONGEST_PAUSE);
            for (int i = 1; pending.addForeignKeys().busy() > 0 && i < ATTEMPTS; i++) {
                polling.again();
            }
            for (TableId table : created) {
                try (Statement statement = target.createStatement()) {
                    statement.execute("ANALYZE " + table.quoted());
                }
                target.commit();
            }
        } catch (SQLException e) {
            LOG.info("foreign keys or statistics left undone sqlstate={}", e.getSQLState());
        }
    }
}
