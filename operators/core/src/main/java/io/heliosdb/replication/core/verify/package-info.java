/**
 * Tells whether a target holds exactly what its source holds, per replication and table, while
 * writes go on.
 *
 * <p>Pure: what is compared, how rows are hashed, how the changes between the two snapshots are
 * folded in. Reading the databases is in {@code .postgres}.
 */
@NullMarked
package io.heliosdb.replication.core.verify;

import org.jspecify.annotations.NullMarked;
