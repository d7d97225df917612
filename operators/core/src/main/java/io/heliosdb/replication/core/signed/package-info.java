/**
 * Messages in the source's WAL that only those can have written who know a secret of the source.
 */
@NullMarked
package io.heliosdb.replication.core.signed;

import org.jspecify.annotations.NullMarked;
