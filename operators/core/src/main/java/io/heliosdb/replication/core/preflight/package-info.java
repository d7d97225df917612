/**
 * Looks at source and targets before anything starts, and tells what would go wrong with the
 * statement that mends it. Here: facts, and pure judgement of them.
 */
@NullMarked
package io.heliosdb.replication.core.preflight;

import org.jspecify.annotations.NullMarked;
