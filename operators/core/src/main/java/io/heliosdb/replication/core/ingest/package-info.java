/** Reading the WAL of a source as framed source transactions. */
@NullMarked
package io.heliosdb.replication.core.ingest;

import org.jspecify.annotations.NullMarked;
