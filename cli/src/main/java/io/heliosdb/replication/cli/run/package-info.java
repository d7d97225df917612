/** The job in this process. */
@NullMarked
package io.heliosdb.replication.cli.run;

import org.jspecify.annotations.NullMarked;
