/** Time series in the metadata store. */
@NullMarked
package io.heliosdb.replication.control.metrics.postgres;

import org.jspecify.annotations.NullMarked;
