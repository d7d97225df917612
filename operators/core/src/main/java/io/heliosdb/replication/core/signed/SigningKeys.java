package io.heliosdb.replication.core.signed;

import org.jspecify.annotations.Nullable;

/** Finds the keys of one source. Used by one thread. */
@FunctionalInterface
public interface SigningKeys {

    /** Knows of none: no message is authentic. */
    SigningKeys NONE = (id, lsn) -> null;

    /**
     * The key of that id, or null if the source has none. May ask the source, so that a key made
     * later is found; not for each forgery, which anybody may write as many of as he likes.
     *
     * @param lsn of the message's commit: whoever signed it could see the key by then
     * @throws io.heliosdb.replication.model.ReplicationException SOURCE_UNREACHABLE if the source
     *     cannot be asked: then the message is neither authentic nor forged, and must not be
     *     dropped
     */
    @Nullable SigningKey key(String id, long lsn);
}
