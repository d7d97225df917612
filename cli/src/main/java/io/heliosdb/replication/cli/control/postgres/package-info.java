/** What orders ask of databases. */
@NullMarked
package io.heliosdb.replication.cli.control.postgres;

import org.jspecify.annotations.NullMarked;
