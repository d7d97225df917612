package io.heliosdb.replication.control.launch;

import org.jspecify.annotations.Nullable;

/** A cluster that does not answer, or refuses. The message is for people and holds no secret. */
public final class ClusterException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ClusterException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
