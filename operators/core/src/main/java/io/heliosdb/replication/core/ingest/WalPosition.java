package io.heliosdb.replication.core.ingest;

import java.io.Serializable;

/**
 * How far the stream has been handed on; the state of the source.
 *
 * @param restartLsn end of the last whole commit record: START_REPLICATION begins here, and up to
 *     here may be confirmed
 * @param partialCommitLsn commit LSN of the transaction of which a part is handed on, or 0
 * @param partialOrdinal number of its changes handed on
 */
public record WalPosition(long restartLsn, long partialCommitLsn, long partialOrdinal)
        implements Serializable {

    public static WalPosition at(long restartLsn) {
        return new WalPosition(restartLsn, 0, 0);
    }

    /** The position after this chunk. */
    public WalPosition after(WalChunk chunk) {
        return chunk.last()
                ? at(chunk.commitEndLsn())
                : new WalPosition(
                        restartLsn, chunk.commitLsn(), chunk.firstOrdinal() + chunk.changes());
    }
}
