/** The command that compares source and targets. */
@NullMarked
package io.heliosdb.replication.cli.verify;

import org.jspecify.annotations.NullMarked;
