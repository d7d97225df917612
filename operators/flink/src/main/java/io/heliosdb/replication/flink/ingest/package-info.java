/** The WAL of a source as a Flink source. */
@NullMarked
package io.heliosdb.replication.flink.ingest;

import org.jspecify.annotations.NullMarked;
