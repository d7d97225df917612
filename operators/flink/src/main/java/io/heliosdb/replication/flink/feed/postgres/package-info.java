/** Following the metadata store, with change data capture. */
@NullMarked
package io.heliosdb.replication.flink.feed.postgres;

import org.jspecify.annotations.NullMarked;
