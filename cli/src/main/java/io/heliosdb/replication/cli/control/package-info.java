/** Orders to a job: resync, retry, skip. */
@NullMarked
package io.heliosdb.replication.cli.control;

import org.jspecify.annotations.NullMarked;
