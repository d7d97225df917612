/** The bookkeeping tables in the target: schema {@code heliosdb}. */
@NullMarked
package io.heliosdb.replication.core.progress.postgres;

import org.jspecify.annotations.NullMarked;
