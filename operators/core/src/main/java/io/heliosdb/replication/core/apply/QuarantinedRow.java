package io.heliosdb.replication.core.apply;

import io.heliosdb.replication.model.TableId;

/**
 * A change that a target refused, as the target keeps it.
 *
 * @param ordinal of the change in its transaction
 * @param operation INSERT, UPDATE, DELETE or TRUNCATE; COMMIT if it is not about one row
 * @param row JSON; values of the tenant's
 */
public record QuarantinedRow(
        long commitLsn,
        long ordinal,
        TableId table,
        String operation,
        String sqlState,
        String message,
        String row) {}
