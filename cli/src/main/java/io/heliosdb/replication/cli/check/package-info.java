/** The command {@code check}. */
@NullMarked
package io.heliosdb.replication.cli.check;

import org.jspecify.annotations.NullMarked;
