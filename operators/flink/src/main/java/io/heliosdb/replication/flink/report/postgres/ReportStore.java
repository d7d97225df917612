package io.heliosdb.replication.flink.report.postgres;

import io.heliosdb.replication.core.report.ReportBuffer.Batch;
import java.sql.SQLException;

/** Where reports are written to. Used by one thread. */
interface ReportStore {

    /** Writes all of it, or nothing. */
    void write(Batch batch) throws SQLException, ClassNotFoundException;

    /** Lets go of what it has open; the next write opens it again. */
    void close();
}
