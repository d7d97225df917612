/** The lanes as a keyed operator with mailbox and durable backlog. */
@NullMarked
package io.heliosdb.replication.flink.lane;

import org.jspecify.annotations.NullMarked;
