/** Sending commands through a source's WAL. */
@NullMarked
package io.heliosdb.replication.core.control.postgres;

import org.jspecify.annotations.NullMarked;
