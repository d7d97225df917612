/**
 * The apply on PostgreSQL. Above {@link
 * io.heliosdb.replication.core.apply.postgres.PostgresTargetSession}: one target transaction.
 * Below: rows stay in pgoutput's bytes until they are copied into a statement.
 */
@NullMarked
package io.heliosdb.replication.core.apply.postgres;

import org.jspecify.annotations.NullMarked;
