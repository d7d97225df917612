/** Writing to the metadata store in PostgreSQL, with flink-connector-jdbc. */
@NullMarked
package io.heliosdb.replication.flink.report.postgres;

import org.jspecify.annotations.NullMarked;
