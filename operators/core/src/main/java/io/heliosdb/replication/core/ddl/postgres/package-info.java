/** What captures DDL at the source. */
@NullMarked
package io.heliosdb.replication.core.ddl.postgres;

import org.jspecify.annotations.NullMarked;
