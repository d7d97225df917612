package io.heliosdb.replication.control.launch;

/**
 * A checkpoint or savepoint to continue from.
 *
 * @param owned it is a checkpoint or stop of ours, which Flink may delete when newer ones are
 *     there; a savepoint that a user took may not
 */
public record Restore(String path, boolean owned) {}
