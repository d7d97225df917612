package io.heliosdb.replication.flink.route.postgres;

import io.heliosdb.replication.core.sequence.SequenceReading;
import io.heliosdb.replication.core.sequence.postgres.SourceSequences;
import io.heliosdb.replication.flink.route.SequenceAccess;
import io.heliosdb.replication.model.config.PipelineConfig;
import java.util.List;

/** The sequences of the source's publication. */
public final class PostgresSequenceAccess implements SequenceAccess {

    private static final long serialVersionUID = 1L;

    @Override
    public Reader open(PipelineConfig config) {
        SourceSequences sequences = new SourceSequences(config.source());
        return new Reader() {
            @Override
            public List<SequenceReading> read() {
                return sequences.read();
            }

            @Override
            public void close() {
                sequences.close();
            }
        };
    }
}
