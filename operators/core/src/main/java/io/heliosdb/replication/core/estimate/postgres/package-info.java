/** Reads the statistics of a source. */
@NullMarked
package io.heliosdb.replication.core.estimate.postgres;

import org.jspecify.annotations.NullMarked;
