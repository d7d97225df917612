/** The preflight against real databases: gathers the facts, changes nothing. */
@NullMarked
package io.heliosdb.replication.core.preflight.postgres;

import org.jspecify.annotations.NullMarked;
