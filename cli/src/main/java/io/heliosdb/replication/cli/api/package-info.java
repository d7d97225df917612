/** The control API from the command line. */
@NullMarked
package io.heliosdb.replication.cli.api;

import org.jspecify.annotations.NullMarked;
