package io.heliosdb.replication.core.lane;

import java.time.Duration;

/** Runs something later on the engine's thread. */
@FunctionalInterface
public interface Timers {
    void after(Duration delay, Runnable action);
}
