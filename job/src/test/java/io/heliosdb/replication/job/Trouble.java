package io.heliosdb.replication.job;

import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.postgresql.PGConnection;

/** What can be wrong with a target that answers. */
enum Trouble {

    /** Each row takes ten milliseconds. */
    SLOW {
        @Override
        Ending begin(Ill ill) {
            ill.execute(
                    """
                    CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN PERFORM pg_sleep(0.01); RETURN NEW; END $$
                    """,
                    "CREATE TRIGGER slow BEFORE INSERT ON public.doc FOR EACH ROW EXECUTE FUNCTION"
                            + " public.slow()",
                    "ALTER TABLE public.doc ENABLE ALWAYS TRIGGER slow");
            return () -> ill.execute("DROP TRIGGER slow ON public.doc");
        }

        @Override
        void awaitEffect(Ill ill) {
            ill.awaitRowsBehind(200);
        }
    },

    READ_ONLY {
        @Override
        Ending begin(Ill ill) {
            String database = "ALTER DATABASE " + ill.database;
            ill.execute(
                    database + " SET default_transaction_read_only = on",
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                            + " WHERE datname = current_database() AND pid <> pg_backend_pid()");
            return () ->
                    ill.server.execute(
                            "postgres", database + " RESET default_transaction_read_only");
        }

        @Override
        void awaitEffect(Ill ill) {
            ill.awaitRowsBehind(200);
        }
    },

    /** Somebody holds the whole table, longer than a session waits for it. */
    LOCK_TIMEOUT {
        @Override
        Ending begin(Ill ill) throws SQLException {
            Connection holder = ill.server.connect(ill.database);
            holder.setAutoCommit(false);
            try (Statement statement = holder.createStatement()) {
                statement.execute("LOCK TABLE public.doc IN ACCESS EXCLUSIVE MODE");
            }
            return holder::close;
        }

        /** A wait more than there are sessions: one was given up and begun again. */
        @Override
        void awaitEffect(Ill ill) {
            Set<String> waits = new HashSet<>();
            Await.until(
                    "a lock timeout",
                    () -> {
                        waits.addAll(
                                ill.rows(
                                        "SELECT pid, query_start FROM pg_stat_activity WHERE"
                                                + " datname = current_database() AND"
                                                + " wait_event_type = 'Lock'"));
                        return waits;
                    },
                    seen -> seen.size() > Stand.LANES);
        }
    },

    /** Somebody locks the hot rows in one order and in the other. */
    DEADLOCK {
        @Override
        Ending begin(Ill ill) {
            Load quarrel = Load.start("quarrel", over -> quarrel(ill, over));
            return quarrel::stop;
        }

        @Override
        void awaitEffect(Ill ill) {
            Await.until(
                    "two deadlocks",
                    () ->
                            ill.rows(
                                            "SELECT deadlocks FROM pg_stat_database WHERE datname ="
                                                    + " current_database()")
                                    .get(0),
                    deadlocks -> Long.parseLong(deadlocks) >= 2);
        }
    },

    /** A row of the target's own has a value that a replicated row needs. */
    UNIQUE_VIOLATION {
        @Override
        Ending begin(Ill ill) {
            ill.execute(
                    "CREATE UNIQUE INDEX only_once ON public.doc (id)",
                    "INSERT INTO public.doc VALUES ('local', %d, 'x')"
                            .formatted(ill.writes.last() + 200));
            return () ->
                    ill.execute(
                            "DELETE FROM public.doc WHERE tenant_id = 'local'",
                            "DROP INDEX public.only_once");
        }

        @Override
        void awaitEffect(Ill ill) {
            Await.until(
                    "an error that tells its reason",
                    () ->
                            ill.rows(
                                    "SELECT state, error_code, reason"
                                            + " FROM heliosdb.replication_progress"),
                    rows ->
                            rows.size() == 1
                                    && rows.get(0).startsWith("ERROR|ROW_REJECTED|")
                                    && rows.get(0).contains("only_once"));
        }

        @Override
        boolean stopsTheReplication() {
            return true;
        }
    };

    /** Ends a trouble. */
    interface Ending extends AutoCloseable {
        @Override
        void close() throws SQLException;
    }

    /** The target that is in trouble. */
    record Ill(PostgresServer server, String database, SteadyWrites writes) {

        void execute(String... statements) {
            server.execute(database, statements);
        }

        List<String> rows(String query) {
            return server.rows(database, query);
        }

        void awaitRowsBehind(int count) {
            Await.until(
                    count + " rows behind",
                    () -> Integer.parseInt(rows("SELECT max(id) FROM public.doc").get(0)),
                    newest -> writes.last() - newest >= count);
        }
    }

    /** Makes the target ill. */
    abstract Ending begin(Ill ill) throws SQLException;

    /** Waits until the job has felt it. */
    abstract void awaitEffect(Ill ill);

    /** Whether the replication goes on only once somebody says so. */
    boolean stopsTheReplication() {
        return false;
    }

    /**
     * Takes one hot row, and the other once somebody waits for the first. Whoever has the other by
     * then is in a deadlock, and the one to find it: this session looks for it much later.
     */
    private static void quarrel(Ill ill, BooleanSupplier over) throws SQLException {
        try (Connection connection = ill.server.connect(ill.database);
                Statement statement = connection.createStatement()) {
            statement.execute("SET deadlock_timeout = '20s'");
            int holder = connection.unwrap(PGConnection.class).getBackendPID();
            connection.setAutoCommit(false);
            for (int first = SteadyWrites.HOT; !over.getAsBoolean(); first = other(first)) {
                statement.execute(lock(first));
                Await.until(
                        "somebody to wait for row " + first,
                        () ->
                                over.getAsBoolean()
                                        || !ill.rows(
                                                        "SELECT 1 FROM pg_stat_activity WHERE "
                                                                + holder
                                                                + " = ANY (pg_blocking_pids(pid))")
                                                .isEmpty());
                statement.execute(lock(other(first)));
                connection.commit();
            }
        }
    }

    private static String lock(int id) {
        return "SELECT 1 FROM public.doc WHERE tenant_id = 'ill' AND id = " + id + " FOR UPDATE";
    }

    private static int other(int hot) {
        return SteadyWrites.HOT + SteadyWrites.HOT_TOO - hot;
    }
}
