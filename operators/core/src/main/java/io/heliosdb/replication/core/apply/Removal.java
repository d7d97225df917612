package io.heliosdb.replication.core.apply;

import java.util.Optional;

/**
 * What became of the rows of an ended replication that were to leave the target.
 *
 * @param rows removed now, of this one and of those of its tenant that ended before it
 * @param waitingFor a replication that carries the tenant now, and has yet to copy tables in which
 *     rows of the ended one are; empty if nothing of it is left to be removed
 */
public record Removal(long rows, Optional<String> waitingFor) {}
