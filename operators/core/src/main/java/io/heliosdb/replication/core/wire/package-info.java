/** What PostgreSQL's output plugin {@code pgoutput} sends, protocol version 1, values as text. */
@NullMarked
package io.heliosdb.replication.core.wire;

import org.jspecify.annotations.NullMarked;
