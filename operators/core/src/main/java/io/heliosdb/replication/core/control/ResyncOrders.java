package io.heliosdb.replication.core.control;

import io.heliosdb.replication.model.ReplicationId;
import java.util.function.Consumer;

/**
 * Orders that a replication is copied again, comparing and mending, as people do: the order comes
 * back through the stream, which tells from where on the copy is completed.
 */
public interface ResyncOrders extends AutoCloseable {

    /** Where nothing can be ordered. */
    ResyncOrders NONE =
            new ResyncOrders() {
                @Override
                public void order(ReplicationId id, String why, Consumer<String> failed) {
                    failed.accept("nothing can be ordered here");
                }

                @Override
                public void close() {}
            };

    /**
     * Returns at once.
     *
     * @param failed is told why it could not be ordered, on any thread
     */
    void order(ReplicationId id, String why, Consumer<String> failed);

    @Override
    void close();
}
