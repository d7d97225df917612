/** Sequences of replicated tables, carried along with headroom. */
@NullMarked
package io.heliosdb.replication.core.sequence;

import org.jspecify.annotations.NullMarked;
