package io.heliosdb.replication.core.verify;

import io.heliosdb.replication.model.TableId;

/** Hears how a verification goes on. Called from one thread. */
public interface VerifyListener {

    VerifyListener SILENT = new VerifyListener() {};

    /** Targets are being waited for until they reach the source's position. */
    default void waiting(String target, int replicationsBehind) {}

    /**
     * A table is compared.
     *
     * @param rows rows of the source so far, all tables
     */
    default void compared(
            TableId table, int tablesDone, int tables, long rows, double rowsPerSecond) {}
}
