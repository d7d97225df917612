/**
 * DDL of the source: what a command has changed, and what the target needs for it. The source tells
 * the state of what was changed, not the statement: {@code current_query()} is the whole string of
 * a client, and what a function or DO block does stands nowhere.
 */
@NullMarked
package io.heliosdb.replication.core.ddl;

import org.jspecify.annotations.NullMarked;
