/**
 * Segments: compressed blocks of tenant transactions, the form in which a backlog is kept in state.
 */
@NullMarked
package io.heliosdb.replication.core.segment;

import org.jspecify.annotations.NullMarked;
