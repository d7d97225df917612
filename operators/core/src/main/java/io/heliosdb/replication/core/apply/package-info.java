/** Applying tenant transactions to a target: exactly once, atomically, in order. */
@NullMarked
package io.heliosdb.replication.core.apply;

import org.jspecify.annotations.NullMarked;
