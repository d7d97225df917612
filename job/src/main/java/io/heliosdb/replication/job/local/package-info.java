/** The job in this process, on Flink's MiniCluster: for {@code run}, the demo and tests. */
@NullMarked
package io.heliosdb.replication.job.local;

import org.jspecify.annotations.NullMarked;
