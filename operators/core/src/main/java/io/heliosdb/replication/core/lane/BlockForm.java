package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.segment.SegmentCodec;
import io.heliosdb.replication.core.segment.SegmentHeader;
import io.heliosdb.replication.core.segment.SegmentSeal;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TenantTransaction;
import io.heliosdb.replication.model.config.CompressionLevel;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The form that blocks of one backlog have in the store: compressed as the replication wants it at
 * the time, and encrypted if there are keys.
 */
final class BlockForm {

    private final ReplicationId replication;
    private final Supplier<CompressionLevel> level;
    private final @Nullable SegmentSeal seal;
    private final CompressionFigures figures;

    BlockForm(
            ReplicationId replication,
            Supplier<CompressionLevel> level,
            @Nullable SegmentSeal seal,
            CompressionFigures figures) {
        this.replication = replication;
        this.level = level;
        this.seal = seal;
        this.figures = figures;
    }

    byte[] encode(List<TenantTransaction> transactions, long sequence) {
        CompressionLevel now = level.get();
        byte[] segment = SegmentCodec.encode(transactions, now, seal, sequence);
        long raw = SegmentHeader.read(segment).rawBytes();
        figures.stored(raw, segment.length);
        if (figures.isDue(raw)) {
            figures.sampled(SegmentCodec.measure(transactions, now));
        }
        return segment;
    }

    List<TenantTransaction> decode(byte[] segment, long sequence) {
        return SegmentCodec.decode(replication, segment, seal, sequence);
    }

    /** Whether there are keys, and they were destroyed: nothing can be stored or read any more. */
    boolean isBroken() {
        return seal != null && seal.isBroken();
    }
}
