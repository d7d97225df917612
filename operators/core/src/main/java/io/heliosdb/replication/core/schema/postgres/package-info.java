/** Reading the catalog of a database, and making a target hold the tables of a source. */
@NullMarked
package io.heliosdb.replication.core.schema.postgres;

import org.jspecify.annotations.NullMarked;
