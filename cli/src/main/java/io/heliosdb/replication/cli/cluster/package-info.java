/** A standalone Flink cluster on this machine, and jobs on any Flink cluster. */
@NullMarked
package io.heliosdb.replication.cli.cluster;

import org.jspecify.annotations.NullMarked;
