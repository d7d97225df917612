package io.heliosdb.replication.model;

import org.jspecify.annotations.Nullable;

/**
 * The one exception of this product: a code, and a message that names the value, the place and the
 * fix.
 */
public final class ReplicationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    public ReplicationException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public ReplicationException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public ErrorCode code() {
        return code;
    }

    @Override
    public String toString() {
        return code + ": " + getMessage();
    }
}
