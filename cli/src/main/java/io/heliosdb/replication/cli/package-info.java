/** The command line: {@code heliosdb-cli}. */
@NullMarked
package io.heliosdb.replication.cli;

import org.jspecify.annotations.NullMarked;
