package io.heliosdb.replication.testkit.random;

import java.sql.SQLException;
import java.util.List;
import java.util.Random;

/**
 * A source of statements for {@link RandomWorkload}: one per table shape ({@link RandomTables}),
 * and whatever else shall happen in between, DDL for example ({@link RandomDdl}). What it says
 * follows from the generator it is given and from what the catalog holds, nothing else, so that a
 * seed brings it back; it may be asked by several writers at once. A statement may fail: it is
 * undone, and the transaction goes on.
 */
public interface RandomStatements {

    /** How often it is asked, compared with the others. */
    int weight();

    /** Whether its statements must have their transaction to themselves. */
    default boolean alone() {
        return false;
    }

    /** Whether its statements alter tables; those are counted apart. */
    default boolean ddl() {
        return false;
    }

    /** The next statement. */
    String next(Random random, List<String> tenants, Catalog catalog) throws SQLException;

    /** What the writer's transaction sees of the source's catalog. */
    interface Catalog {
        /** The rows of a query, in its order; each value as text, null for NULL. */
        List<List<String>> rows(String query) throws SQLException;
    }
}
