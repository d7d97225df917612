/** Measures this product beside PostgreSQL's own logical replication, on the same work. */
@NullMarked
package io.heliosdb.replication.benchmark;

import org.jspecify.annotations.NullMarked;
