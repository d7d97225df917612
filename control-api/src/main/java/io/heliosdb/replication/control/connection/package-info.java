/** Databases that are replicated from and to. */
@NullMarked
package io.heliosdb.replication.control.connection;

import org.jspecify.annotations.NullMarked;
