/**
 * The way back, for commits that wait for their target: from the lanes, wherever they run, over
 * their coordinator and the router's in the JobManager to the router.
 *
 * <pre>
 *   apply-lanes ──► coordinator ──► coordinator ──► route-tenants ──► StandbyPosition ──► stream
 *   (any TaskManager)      (JobManager)                  (the TaskManager that reads the stream)
 * </pre>
 */
@NullMarked
package io.heliosdb.replication.flink.synchronous;

import org.jspecify.annotations.NullMarked;
