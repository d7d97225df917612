/**
 * Commits that wait for their target (tier Synchronous): what the source may be told is applied.
 *
 * <p>The source's backends wait until our standby reply's <em>apply</em> position has passed their
 * commit ({@code synchronous_commit = remote_apply}), while the <em>flush</em> position, which
 * moves the slot, follows checkpoints only.
 */
@NullMarked
package io.heliosdb.replication.core.synchronous;

import org.jspecify.annotations.NullMarked;
