package io.heliosdb.replication.core.sequence.postgres;

import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.core.sequence.SequenceReading;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.SourceConfig;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the sequences that published tables take values from, over a connection that it keeps. Used
 * by one thread.
 */
public final class SourceSequences implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SourceSequences.class);
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    /** The catalog is looked at so seldom: that costs more than the values do. */
    private static final long LIST_NANOS = Duration.ofSeconds(15).toNanos();

    /**
     * The sequences of published tables, by the columns that take values from them: owned ones
     * (serial, identity) and those in defaults, wherever they are; whether they may be read. Read
     * only; one pass over the catalog.
     */
    private static final String LIST =
            """
            WITH published AS MATERIALIZED (
                SELECT relid FROM pg_catalog.pg_get_publication_tables(?)),
            used AS MATERIALIZED (
                SELECT d.objid AS seq, d.refobjid AS tab, d.refobjsubid AS att
                FROM pg_catalog.pg_depend d
                WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
                  AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
                UNION
                SELECT d.refobjid, ad.adrelid, ad.adnum
                FROM pg_catalog.pg_depend d
                JOIN pg_catalog.pg_attrdef ad ON ad.oid = d.objid
                WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass
                  AND d.deptype = 'n')
            SELECT s.oid::bigint, sn.nspname, s.relname, tn.nspname, t.relname, a.attname,
                   q.seqincrement, q.seqmin, q.seqmax, q.seqcycle,
                   has_sequence_privilege(s.oid, 'USAGE, SELECT')
            FROM used u
            JOIN pg_catalog.pg_class s ON s.oid = u.seq AND s.relkind = 'S'
            JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid
            JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
            JOIN pg_catalog.pg_class t ON t.oid = u.tab
            JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
            JOIN pg_catalog.pg_attribute a
                 ON a.attrelid = t.oid AND a.attnum = u.att AND NOT a.attisdropped
            WHERE u.tab IN (SELECT relid FROM published)
            """;

    /** The last values of those that were ever used. Read only; a page for each. */
    private static final String VALUES =
            """
            SELECT s.oid::bigint, pg_sequence_last_value(s.oid)
            FROM pg_catalog.pg_class s
            WHERE s.oid = ANY (?::bigint[]::oid[]) AND s.relkind = 'S'
            """;

    /** A sequence and a column that takes values from it. */
    private record Use(
            long oid,
            TableId sequence,
            TableId table,
            String column,
            long increment,
            long min,
            long max,
            boolean cycles) {

        SequenceReading at(long value) {
            return new SequenceReading(sequence, table, column, value, increment, min, max, cycles);
        }
    }

    private final SourceConfig config;
    private @Nullable Connection connection;
    private @Nullable List<Use> uses;
    private long listedNanos;
    private int unreadable;

    public SourceSequences(SourceConfig config) {
        this.config = config;
    }

    /**
     * @throws ReplicationException SOURCE_UNREACHABLE; the next call connects again
     */
    public List<SequenceReading> read() {
        try {
            Connection current = connection;
            if (current == null) {
                current =
                        Connections.open(
                                config.database(),
                                "heliosdb-sequences",
                                Connections.Endpoint.SOURCE,
                                PATIENCE);
                connection = current;
            }
            return read(current);
        } catch (SQLException e) {
            close();
            throw new ReplicationException(
                    ErrorCode.SOURCE_UNREACHABLE,
                    "sequences of " + config.database().url() + ": " + e.getMessage(),
                    e);
        }
    }

    /** Those of a publication's tables that the session's role may not read, by name. */
    public static SortedSet<TableId> unreadable(Connection source, String publication)
            throws SQLException {
        SortedSet<TableId> unreadable = new TreeSet<>();
        try (PreparedStatement query = source.prepareStatement(LIST)) {
            query.setString(1, publication);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    if (!row.getBoolean(11)) {
                        unreadable.add(new TableId(row.getString(2), row.getString(3)));
                    }
                }
            }
        }
        return unreadable;
    }

    private List<SequenceReading> read(Connection current) throws SQLException {
        if (uses == null || System.nanoTime() - listedNanos > LIST_NANOS) {
            uses = list(current);
            listedNanos = System.nanoTime();
        }
        Map<Long, Long> values = values(current, uses);
        List<SequenceReading> readings = new ArrayList<>();
        for (Use use : uses) {
            Long value = values.get(use.oid);
            if (value != null) {
                readings.add(use.at(value));
            }
        }
        return readings;
    }

    private List<Use> list(Connection current) throws SQLException {
        List<Use> found = new ArrayList<>();
        int unreadableNow = 0;
        try (PreparedStatement query = current.prepareStatement(LIST)) {
            query.setString(1, config.publication());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    if (!row.getBoolean(11)) {
                        unreadableNow++;
                        continue;
                    }
                    found.add(
                            new Use(
                                    row.getLong(1),
                                    new TableId(row.getString(2), row.getString(3)),
                                    new TableId(row.getString(4), row.getString(5)),
                                    row.getString(6),
                                    row.getLong(7),
                                    row.getLong(8),
                                    row.getLong(9),
                                    row.getBoolean(10)));
                }
            }
        }
        tellUnreadable(unreadableNow);
        return found;
    }

    private static Map<Long, Long> values(Connection current, List<Use> uses) throws SQLException {
        Map<Long, Long> values = new HashMap<>();
        try (PreparedStatement query = current.prepareStatement(VALUES)) {
            Object[] oids = uses.stream().map(Use::oid).distinct().toArray();
            query.setArray(1, current.createArrayOf("int8", oids));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    long value = row.getLong(2);
                    if (!row.wasNull()) {
                        values.put(row.getLong(1), value);
                    }
                }
            }
        }
        return values;
    }

    private void tellUnreadable(int now) {
        if (now > unreadable) {
            LOG.warn(
                    "sequences not carried count={} fix=GRANT SELECT ON ALL SEQUENCES IN SCHEMA … TO"
                            + " {}",
                    now,
                    TableId.quote(config.database().user()));
        }
        unreadable = now;
    }

    @Override
    public void close() {
        Connection open = connection;
        connection = null;
        uses = null;
        if (open != null) {
            try {
                open.abort(Runnable::run);
            } catch (SQLException e) {
                // It is gone already.
                return;
            }
        }
    }
}
