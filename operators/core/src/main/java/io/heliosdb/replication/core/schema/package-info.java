/**
 * The shape of the replicated tables: what the source has, what the target lacks, and which tables
 * a replication carries.
 */
@NullMarked
package io.heliosdb.replication.core.schema;

import org.jspecify.annotations.NullMarked;
