package io.heliosdb.replication.core.estimate.postgres;

/** Questions to the statistics of a source; they take catalog locks only. */
final class StatisticsSql {

    static final String LIMITS = "SET statement_timeout = '5s'; SET lock_timeout = '1s'";

    /** Rows (null: has pages, never analyzed) and bytes of each table, its partitions together. */
    static final String SIZES =
            """
            SELECT n.nspname, c.relname,
                   CASE WHEN bool_or(l.reltuples < 0 AND pg_table_size(l.oid) > 8192) THEN NULL
                        ELSE sum(greatest(l.reltuples, 0))::bigint END,
                   sum(pg_table_size(l.oid))::bigint
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            CROSS JOIN LATERAL (
                SELECT t.relid FROM pg_partition_tree(c.oid) t WHERE t.isleaf
                UNION SELECT c.oid WHERE c.relkind = 'r') leaf
            JOIN pg_class l ON l.oid = leaf.relid
            WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            GROUP BY 1, 2
            """;

    /** Spread of columns of these names, of the whole tree where a table has partitions. */
    static final String SPREADS =
            """
            SELECT DISTINCT ON (schemaname, tablename, attname)
                   schemaname, tablename, attname, null_frac, n_distinct,
                   most_common_vals::text::text[], most_common_freqs
            FROM pg_stats
            WHERE attname = ANY (?)
            ORDER BY schemaname, tablename, attname, inherited DESC
            """;

    private StatisticsSql() {}
}
