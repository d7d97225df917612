package io.heliosdb.replication.benchmark;

import io.heliosdb.replication.testkit.PostgresServer;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The server process that sends a slot's changes. It is stopped while work is written and continued
 * when the clock starts: both contenders are up and connected, and begin at the same instant with
 * the same amount of WAL.
 */
final class Walsender {

    private static final Duration BOUND = Duration.ofMinutes(5);

    /** A stopped process cannot even be shut down: none may be left behind by an interrupt. */
    private static final Set<Long> FROZEN = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> FROZEN.forEach(pid -> signal("-CONT", pid))));
    }

    private final PostgresServer source;
    private final String slot;

    Walsender(PostgresServer source, String slot) {
        this.source = source;
        this.slot = slot;
    }

    /** Waits until it has sent everything, and stops it. Returns its process id. */
    long freeze() {
        awaitIdle();
        long pid = pid();
        FROZEN.add(pid);
        signal("-STOP", pid);
        return pid;
    }

    void thaw(long pid) {
        signal("-CONT", pid);
        FROZEN.remove(pid);
    }

    /** Up to where it has sent. */
    String sent() {
        return Databases.value(
                source,
                "postgres",
                "SELECT sent_lsn FROM pg_stat_replication JOIN pg_replication_slots ON active_pid ="
                        + " pid WHERE slot_name = '"
                        + slot
                        + "'");
    }

    /** Waits until it has sent everything that is written now. */
    void awaitIdle() {
        String now = Databases.value(source, "postgres", "SELECT pg_current_wal_insert_lsn()");
        Databases.await(
                "slot " + slot + " to be at " + now,
                BOUND,
                () ->
                        Databases.value(
                                        source,
                                        "postgres",
                                        "SELECT sent_lsn >= '"
                                                + now
                                                + "' FROM pg_stat_replication JOIN"
                                                + " pg_replication_slots ON active_pid = pid"
                                                + " WHERE slot_name = '"
                                                + slot
                                                + "'")
                                .equals("t"));
    }

    private long pid() {
        return Long.parseLong(
                Databases.value(
                        source,
                        "postgres",
                        "SELECT active_pid FROM pg_replication_slots WHERE slot_name = '"
                                + slot
                                + "'"));
    }

    private static void signal(String signal, long pid) {
        try {
            int code = new ProcessBuilder("kill", signal, Long.toString(pid)).start().waitFor();
            if (code != 0) {
                throw new IllegalStateException("kill " + signal + " " + pid + " failed: " + code);
            }
        } catch (IOException e) {
            throw new IllegalStateException("kill cannot be run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
