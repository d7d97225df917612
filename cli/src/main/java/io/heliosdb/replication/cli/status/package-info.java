/** State, progress and lag of replications, read from the targets. */
@NullMarked
package io.heliosdb.replication.cli.status;

import org.jspecify.annotations.NullMarked;
