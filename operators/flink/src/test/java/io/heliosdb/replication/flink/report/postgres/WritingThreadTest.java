package io.heliosdb.replication.flink.report.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.report.LaneReport;
import io.heliosdb.replication.core.report.ReportBuffer.Batch;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.testkit.Await;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whatever fails when reports are written, they are written again. */
class WritingThreadTest {

    /** A store that fails before it takes anything. */
    private static final class FailingStore implements ReportStore {

        private final List<Throwable> failures;
        private final List<String> written = Collections.synchronizedList(new ArrayList<>());

        FailingStore(Throwable... failures) {
            this.failures = new ArrayList<>(List.of(failures));
        }

        @Override
        public void write(Batch batch) throws SQLException, ClassNotFoundException {
            if (!failures.isEmpty()) {
                Throwable failure = failures.remove(0);
                if (failure instanceof SQLException sql) {
                    throw sql;
                }
                if (failure instanceof Error error) {
                    throw error;
                }
                throw (RuntimeException) failure;
            }
            batch.notes().forEach(it -> written.add(it.message()));
        }

        @Override
        public void close() {}
    }

    @Test
    void goesOnAfterFailuresOfEveryKind() {
        FailingStore store =
                new FailingStore(
                        new SQLException("away", "08006"),
                        new NoClassDefFoundError("org/postgresql/util/Something"),
                        new IllegalStateException("closed"),
                        new ExceptionInInitializerError("driver"));
        try (WritingThread writing = new WritingThread(store)) {
            writing.add(
                    new LaneReport.Note(new ReplicationId("a"), "Kind", "Info", "told", "{}", 1));
            Await.until("the report", () -> store.written, List.of("told")::equals);
            assertThat(writing.failures()).isEqualTo(4);
        }
    }
}
