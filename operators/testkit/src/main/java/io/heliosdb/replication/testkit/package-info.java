/** Real PostgreSQL servers and workloads for tests, the demo and the benchmark. */
@NullMarked
package io.heliosdb.replication.testkit;

import org.jspecify.annotations.NullMarked;
