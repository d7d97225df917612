/** Targets over PostgreSQL. */
@NullMarked
package io.heliosdb.replication.flink.lane.postgres;

import org.jspecify.annotations.NullMarked;
