/** Replications: what is wanted, which moves are legal, what the job reports. */
@NullMarked
package io.heliosdb.replication.control.replication;

import org.jspecify.annotations.NullMarked;
