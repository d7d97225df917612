/** Connections to PostgreSQL, the same for every context. */
@NullMarked
package io.heliosdb.replication.core.postgres;

import org.jspecify.annotations.NullMarked;
