package io.heliosdb.replication.core.verify;

import io.heliosdb.replication.model.RelationDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * Takes the changes of a stream, transaction by transaction in commit order.
 *
 * <p>Tuples have one value per relation column: null for NULL, {@link #UNCHANGED} for a TOAST value
 * that the stream left out.
 */
public interface ChangeSink {

    /** Stands for a TOAST value that the stream left out; told by identity, not content. */
    byte[] UNCHANGED = new byte[0];

    void begin(long commitLsn);

    default void commit() {}

    /** Comes before the first change of a relation, and again when it was redefined. */
    void relation(RelationDescriptor relation);

    void insert(int relation, @Nullable byte[][] tuple);

    /**
     * @param whole whether {@code old} is the whole old row, not only its identity
     * @param old null if the identity did not change and the stream has no old row
     */
    void update(
            int relation,
            boolean whole,
            @Nullable byte @Nullable [][] old,
            @Nullable byte[][] tuple);

    /**
     * @param whole whether {@code old} is the whole old row, not only its identity
     */
    void delete(int relation, boolean whole, @Nullable byte[][] old);

    void truncate(int relation);
}
