/** Text for people: tables, and screens that are drawn again. */
@NullMarked
package io.heliosdb.replication.cli.terminal;

import org.jspecify.annotations.NullMarked;
