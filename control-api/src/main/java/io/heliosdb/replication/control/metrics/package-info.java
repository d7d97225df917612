/** Time series of replications. */
@NullMarked
package io.heliosdb.replication.control.metrics;

import org.jspecify.annotations.NullMarked;
