package io.heliosdb.replication.control.replication;

/** What a user can order a replication to do. */
public enum Command {
    START,
    PAUSE,
    STOP,
    RESYNC,
    RETRY,
    SKIP
}
