package io.heliosdb.replication.core.apply;

import io.heliosdb.replication.model.ErrorCode;
import org.jspecify.annotations.Nullable;

/** An apply that had no effect, and what to do about it. */
public final class ApplyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What can help. */
    public enum Kind {
        /**
         * The target or the connection is unwell: back off for the whole target, reconnect, claim
         * again.
         */
        RETRY_TARGET,
        /**
         * This transaction met a passing obstacle (deadlock, lock timeout, serialization): back off
         * for the lane.
         */
        RETRY_LANE,
        /**
         * A group failed where its members may succeed one by one. Only thrown for groups of more
         * than one.
         */
        SPLIT_GROUP,
        /**
         * A unique value that a row wants is taken, perhaps by a row that another replication of
         * this target is about to remove: try again for a while, alone or together with others that
         * wait for the same. Only thrown for {@link LaneBatch#patient} batches.
         */
        PLACE_TAKEN,
        /** Somebody claimed the replication with a newer epoch: stop, touch nothing. */
        FENCED,
        /**
         * Does not fit into tables that DDL has altered since, which others of this target have
         * come past already: a new copy brings what it wants to say. Not for groups.
         */
        OUTDATED,
        /** Will never succeed as it is: the replication goes to Error. */
        REJECTED
    }

    private final Kind kind;
    private final ErrorCode code;
    private final String sqlState;

    public ApplyException(
            Kind kind, ErrorCode code, String sqlState, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.code = code;
        this.sqlState = sqlState;
    }

    public Kind kind() {
        return kind;
    }

    public ErrorCode code() {
        return code;
    }

    /** Five characters, or empty if the cause was not PostgreSQL. */
    public String sqlState() {
        return sqlState;
    }
}
