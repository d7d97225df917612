package io.heliosdb.replication.flink.report;

import io.heliosdb.replication.core.report.LaneReport;
import java.io.Serializable;

/** Writes reports on a thread of its own. Travels with the job graph until it is begun. */
@FunctionalInterface
public interface ReportWriter extends Serializable {

    /** A writer that runs. */
    interface Writing extends AutoCloseable {

        /** Takes a report; never waits. */
        void add(LaneReport report);

        /** Reports that were dropped or could not be written yet: how often that was so. */
        long failures();

        /** Ends it; what waits is tried once more, within a second or two. */
        @Override
        void close();
    }

    Writing begin();
}
