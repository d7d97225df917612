/** Reads of the metadata store. */
@NullMarked
package io.heliosdb.replication.core.feed.postgres;

import org.jspecify.annotations.NullMarked;
