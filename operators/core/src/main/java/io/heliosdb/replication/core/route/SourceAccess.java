package io.heliosdb.replication.core.route;

import io.heliosdb.replication.core.signed.SigningKeys;

/**
 * What the router asks of the source, and which stream of it this is.
 *
 * @param keys for messages that steer
 * @param publication that the stream is of
 * @param columns asked when a table has changed and no DDL was told
 */
public record SourceAccess(SigningKeys keys, String publication, SourceColumns columns) {

    /** Knows nothing: no message is authentic, and what changes untold is left to the targets. */
    public static final SourceAccess NONE =
            new SourceAccess(SigningKeys.NONE, "", SourceColumns.NONE);
}
