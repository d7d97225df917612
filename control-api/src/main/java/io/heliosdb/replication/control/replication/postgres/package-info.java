/** Replications in the metadata store. */
@NullMarked
package io.heliosdb.replication.control.replication.postgres;

import org.jspecify.annotations.NullMarked;
