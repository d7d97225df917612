package io.heliosdb.replication.testkit.random;

import java.util.List;
import java.util.Random;

/**
 * A source of statements for {@link RandomWorkload}: one per table shape ({@link RandomTables}),
 * and whatever else shall happen in between, DDL for example. What it says follows from the
 * generator it is given and nothing else, so that a seed brings it back; it may be asked by several
 * writers at once. A statement may fail: it is undone, and the transaction goes on.
 */
public interface RandomStatements {

    /** How often it is asked, compared with the others. */
    int weight();

    /** The next statement. */
    String next(Random random, List<String> tenants);
}
