/** The first copy of a tenant, consistent with the stream. */
@NullMarked
package io.heliosdb.replication.core.snapshot;

import org.jspecify.annotations.NullMarked;
