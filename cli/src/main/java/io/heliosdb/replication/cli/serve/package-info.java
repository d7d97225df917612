/** The control plane on the command line. */
@NullMarked
package io.heliosdb.replication.cli.serve;

import org.jspecify.annotations.NullMarked;
