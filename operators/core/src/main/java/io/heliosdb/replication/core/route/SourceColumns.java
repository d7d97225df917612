package io.heliosdb.replication.core.route;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The columns of the source's tables as they are now. */
@FunctionalInterface
public interface SourceColumns {

    /** Nobody can be asked. */
    SourceColumns NONE = relationOid -> null;

    /**
     * Types by column name, as {@code format_type} writes them; null if there is no such table (any
     * more).
     *
     * @throws io.heliosdb.replication.model.ReplicationException SOURCE_UNREACHABLE
     */
    @Nullable Map<String, String> of(int relationOid);
}
