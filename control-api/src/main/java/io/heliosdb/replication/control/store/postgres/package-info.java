/** The metadata store: schema, pool, transactions, partitions. */
@NullMarked
package io.heliosdb.replication.control.store.postgres;

import org.jspecify.annotations.NullMarked;
