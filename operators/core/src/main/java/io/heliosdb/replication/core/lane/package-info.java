/** Lanes: the serial path of each replication from the stream to its target, with its backlog. */
@NullMarked
package io.heliosdb.replication.core.lane;

import org.jspecify.annotations.NullMarked;
