/** Reading what status shows. */
@NullMarked
package io.heliosdb.replication.cli.status.postgres;

import org.jspecify.annotations.NullMarked;
