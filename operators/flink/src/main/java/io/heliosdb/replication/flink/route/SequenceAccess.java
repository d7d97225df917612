package io.heliosdb.replication.flink.route;

import io.heliosdb.replication.core.sequence.SequenceReading;
import io.heliosdb.replication.model.config.PipelineConfig;
import java.io.Serializable;
import java.util.List;

/** How the sequences of the source are read. Travels with the job graph. */
@FunctionalInterface
public interface SequenceAccess extends Serializable {

    /** Nobody's sequences are carried. */
    SequenceAccess NONE = config -> List::of;

    Reader open(PipelineConfig config);

    /** Used by one thread. */
    @FunctionalInterface
    interface Reader extends AutoCloseable {

        /** All sequences of published tables that were ever used. */
        List<SequenceReading> read();

        @Override
        default void close() {}
    }
}
