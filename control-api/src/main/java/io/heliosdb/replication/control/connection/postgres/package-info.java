/** Connections in the metadata store. */
@NullMarked
package io.heliosdb.replication.control.connection.postgres;

import org.jspecify.annotations.NullMarked;
