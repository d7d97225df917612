/** The metadata store as a source of what is to be replicated. */
@NullMarked
package io.heliosdb.replication.flink.feed;

import org.jspecify.annotations.NullMarked;
