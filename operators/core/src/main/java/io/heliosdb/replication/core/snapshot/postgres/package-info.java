/** The first copy between two PostgreSQL databases, with COPY under an exported snapshot. */
@NullMarked
package io.heliosdb.replication.core.snapshot.postgres;

import org.jspecify.annotations.NullMarked;
