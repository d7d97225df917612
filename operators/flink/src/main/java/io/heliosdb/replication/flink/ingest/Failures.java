package io.heliosdb.replication.flink.ingest;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/** Tells Flink whether a failure may pass by restarting. */
public final class Failures {

    private Failures() {}

    /** What cannot pass ends the job at once; the rest goes to the restart strategy. */
    public static RuntimeException toFlink(Throwable failure) {
        if (failure instanceof ReplicationException known) {
            return known.code().blastRadius() == ErrorCode.BlastRadius.FAIL_JOB
                    ? new SuppressRestartsException(known)
                    : known;
        }
        return failure instanceof RuntimeException unchecked
                ? unchecked
                : new IllegalStateException(failure);
    }
}
