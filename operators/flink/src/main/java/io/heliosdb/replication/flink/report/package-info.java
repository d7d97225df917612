/** What the job tells goes to the metadata store. */
@NullMarked
package io.heliosdb.replication.flink.report;

import org.jspecify.annotations.NullMarked;
