/** The Flink job: topology, uids, entry point. */
@NullMarked
package io.heliosdb.replication.job;

import org.jspecify.annotations.NullMarked;
