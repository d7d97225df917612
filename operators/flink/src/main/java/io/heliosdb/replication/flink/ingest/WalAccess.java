package io.heliosdb.replication.flink.ingest;

import io.heliosdb.replication.core.ingest.WalReader;
import io.heliosdb.replication.model.config.SourceConfig;
import java.io.Serializable;

/**
 * How the source reaches the log. Travels with the job graph; the implementation over PostgreSQL is
 * in core.
 */
public interface WalAccess extends Serializable {

    /** Looks at the source and makes the slot if there is none: where a new job begins. */
    WalSplit begin(SourceConfig config);

    /**
     * Opens the stream at the split's position, after checking that it is the same source and slot.
     */
    WalReader open(SourceConfig config, WalSplit split);
}
