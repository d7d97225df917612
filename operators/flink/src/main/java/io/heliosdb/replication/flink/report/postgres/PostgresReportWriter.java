package io.heliosdb.replication.flink.report.postgres;

import io.heliosdb.replication.flink.report.ReportWriter;
import io.heliosdb.replication.model.config.DatabaseConfig;

/** Writes to the store in PostgreSQL. */
public final class PostgresReportWriter implements ReportWriter {

    private static final long serialVersionUID = 1L;

    private final DatabaseConfig store;

    public PostgresReportWriter(DatabaseConfig store) {
        this.store = store;
    }

    @Override
    public Writing begin() {
        return new WritingThread(new ReportConnection(store));
    }
}
