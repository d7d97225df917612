/** The source's log over PostgreSQL. */
@NullMarked
package io.heliosdb.replication.flink.ingest.postgres;

import org.jspecify.annotations.NullMarked;
