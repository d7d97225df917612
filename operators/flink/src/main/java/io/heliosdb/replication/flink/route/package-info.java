/** The router as an operator beside the source. */
@NullMarked
package io.heliosdb.replication.flink.route;

import org.jspecify.annotations.NullMarked;
