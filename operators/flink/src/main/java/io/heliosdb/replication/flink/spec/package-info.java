/** What shall be replicated, as a stream. */
@NullMarked
package io.heliosdb.replication.flink.spec;

import org.jspecify.annotations.NullMarked;
