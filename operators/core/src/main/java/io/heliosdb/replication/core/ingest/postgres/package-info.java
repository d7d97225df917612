/** Slots, streams and heartbeats over pgjdbc. */
@NullMarked
package io.heliosdb.replication.core.ingest.postgres;

import org.jspecify.annotations.NullMarked;
