package io.heliosdb.replication.flink.report.postgres;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.heliosdb.replication.core.report.LaneReport;
import io.heliosdb.replication.core.report.ReplicationReport;
import io.heliosdb.replication.core.report.ReplicationReport.Condition;
import io.heliosdb.replication.core.report.ReplicationReport.Service;
import io.heliosdb.replication.core.report.ReportBuffer.Batch;
import io.heliosdb.replication.core.report.ReportBuffer.Status;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.config.DatabaseConfig;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;
import org.apache.flink.connector.jdbc.JdbcStatementBuilder;
import org.apache.flink.connector.jdbc.datasource.connections.SimpleJdbcConnectionProvider;
import org.apache.flink.connector.jdbc.internal.executor.JdbcBatchStatementExecutor;
import org.jspecify.annotations.Nullable;

/**
 * A session in the store with flink-connector-jdbc's connection and statements, without its sink:
 * that fails the job when the database is away. Used by one thread.
 */
final class ReportConnection implements ReportStore {

    /** A kind of report: the statement, and the rows that go into it as arrays. */
    private record Kind(JdbcBatchStatementExecutor<Batch> executor, Function<Batch, List<?>> rows) {
        static <T> Kind of(
                String sql, Function<Batch, List<T>> rows, JdbcStatementBuilder<List<T>> setter) {
            return new Kind(
                    JdbcBatchStatementExecutor.simple(
                            sql, (statement, batch) -> setter.accept(statement, rows.apply(batch))),
                    rows::apply);
        }
    }

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final SimpleJdbcConnectionProvider connections;
    private List<Kind> prepared = List.of();

    ReportConnection(DatabaseConfig database) {
        this.connections =
                new SimpleJdbcConnectionProvider(
                        new JdbcConnectionOptions.JdbcConnectionOptionsBuilder()
                                .withUrl(database.url())
                                .withDriverName("org.postgresql.Driver")
                                .withUsername(database.user())
                                .withPassword(database.password().value())
                                .withProperty("ApplicationName", "heliosdb-report")
                                .withProperty("tcpKeepAlive", "true")
                                .withProperty("connectTimeout", "10")
                                .withProperty("socketTimeout", "20")
                                .build());
    }

    @Override
    public void write(Batch batch) throws SQLException, ClassNotFoundException {
        Connection connection = connections.getConnection();
        if (connection == null || prepared.isEmpty()) {
            connection = connections.getOrEstablishConnection();
            connection.setAutoCommit(false);
            prepared = prepare(connection);
        }
        for (Kind kind : prepared) {
            if (!kind.rows.apply(batch).isEmpty()) {
                kind.executor.addToBatch(batch);
                kind.executor.executeBatch();
            }
        }
        connection.commit();
    }

    /** Notes before states: whoever sees a replication stopped finds what came of it. */
    private static List<Kind> prepare(Connection connection) throws SQLException {
        List<Kind> kinds =
                List.of(
                        Kind.of(ReportSql.NOTES, Batch::notes, ReportConnection::setNotes),
                        Kind.of(ReportSql.STATUS, Batch::statuses, ReportConnection::setStatuses),
                        Kind.of(ReportSql.TABLES, Batch::tables, ReportConnection::setTables),
                        Kind.of(
                                ReportSql.QUARANTINE,
                                Batch::quarantined,
                                ReportConnection::setQuarantined),
                        Kind.of(
                                ReportSql.CONFLICTS,
                                Batch::conflicts,
                                ReportConnection::setConflicts),
                        Kind.of(
                                ReportSql.COMPRESSED,
                                Batch::compressed,
                                ReportConnection::setCompressed),
                        Kind.of(ReportSql.METRICS, Batch::samples, ReportConnection::setSamples),
                        Kind.of(
                                ReportSql.CHECKPOINTS,
                                Batch::covered,
                                ReportConnection::setCovered));
        for (Kind kind : kinds) {
            kind.executor.prepareStatements(connection);
        }
        return kinds;
    }

    private static void setStatuses(PreparedStatement to, List<Status> rows) throws SQLException {
        new Arrays(to)
                .uuids(rows, it -> it.report().replication().value())
                .numbers(rows, it -> it.report().version())
                .texts(rows, it -> name(it.report().state()))
                .texts(rows, it -> it.report().code() == null ? null : it.report().code().name())
                .texts(rows, it -> it.report().reason())
                .texts(rows, it -> position(it.report()))
                .decimals(rows, it -> seconds(it.report().lagMicros()))
                .numbers(rows, it -> known(it.report().lagBytes()))
                .decimals(rows, Status::rowsPerSecond)
                .decimals(rows, Status::bytesPerSecond)
                .numbers(rows, it -> it.report().rows() + it.report().rowsCopied())
                .numbers(rows, it -> it.report().bytes() + it.report().bytesCopied())
                .numbers(rows, it -> it.report().conflicts())
                .numbers(rows, it -> it.report().backlog().transactions())
                .numbers(rows, it -> it.report().backlog().bytes())
                .numbers(rows, it -> it.report().backlog().storedBytes())
                .decimals(rows, it -> ratio(it.report()))
                .numbers(rows, it -> served(it, Service::violations))
                .numbers(rows, it -> it.report().atEpochMillis())
                .set("jsonb", rows, it -> conditions(it.report().conditions()))
                .set("boolean", rows, it -> served(it, Service::late))
                .texts(rows, it -> served(it, service -> name(service.tier())))
                .numbers(rows, it -> served(it, service -> (long) service.priority()))
                .decimals(rows, it -> served(it, service -> service.maxLagMillis() / 1e3))
                .numbers(rows, it -> it.report().backlog().rows())
                .decimals(rows, it -> seconds(it.report().backlog().oldestMicros()))
                .numbers(rows, it -> it.report().transactions())
                .set("boolean", rows, it -> it.report().backlog().encrypted());
    }

    private static void setSamples(PreparedStatement to, List<Status> rows) throws SQLException {
        new Arrays(to)
                .uuids(rows, it -> it.report().replication().value())
                .numbers(rows, it -> it.report().atEpochMillis())
                .decimals(rows, it -> seconds(it.report().lagMicros()))
                .numbers(rows, it -> known(it.report().lagBytes()))
                .decimals(rows, Status::rowsPerSecond)
                .decimals(rows, Status::bytesPerSecond)
                .decimals(rows, Status::transactionsPerSecond)
                .decimals(rows, it -> ratio(it.report()))
                .numbers(rows, it -> it.report().conflicts())
                .numbers(rows, it -> it.report().state() == ReplicationState.ERROR ? 1L : 0L)
                .set("boolean", rows, it -> served(it, Service::late));
    }

    private static void setCovered(PreparedStatement to, List<LaneReport.Covered> rows)
            throws SQLException {
        new Arrays(to)
                .uuids(rows, it -> it.replication().value())
                .numbers(rows, LaneReport.Covered::lsn)
                .numbers(rows, LaneReport.Covered::atEpochMillis)
                .numbers(rows, LaneReport.Covered::checkpoint)
                .numbers(rows, LaneReport.Covered::rows)
                .numbers(rows, LaneReport.Covered::bytes)
                .decimals(rows, it -> seconds(it.lagMicros()));
    }

    private static void setTables(PreparedStatement to, List<LaneReport.Table> rows)
            throws SQLException {
        new Arrays(to)
                .uuids(rows, it -> it.replication().value())
                .texts(rows, it -> it.table().toString())
                .set("boolean", rows, LaneReport.Table::done)
                .numbers(rows, LaneReport.Table::rows)
                .numbers(rows, LaneReport.Table::bytes)
                .numbers(rows, LaneReport.Table::atEpochMillis);
    }

    private static void setQuarantined(PreparedStatement to, List<LaneReport.Quarantined> rows)
            throws SQLException {
        new Arrays(to)
                .uuids(rows, it -> it.replication().value())
                .texts(rows, it -> Lsn.format(it.row().commitLsn()) + ":" + it.row().ordinal())
                .texts(rows, it -> it.row().table().toString())
                .texts(rows, it -> it.row().operation())
                .texts(rows, it -> it.row().sqlState())
                .texts(rows, it -> it.row().message())
                .texts(rows, it -> it.row().row())
                .numbers(rows, LaneReport.Quarantined::atEpochMillis);
    }

    private static void setConflicts(PreparedStatement to, List<LaneReport.Conflicted> rows)
            throws SQLException {
        new Arrays(to)
                .uuids(rows, it -> it.conflict().replication().value())
                .texts(rows, it -> it.conflict().position())
                .texts(rows, it -> it.conflict().table().toString())
                .texts(rows, it -> it.conflict().type().name().toLowerCase(Locale.ROOT))
                .texts(rows, it -> it.conflict().reason())
                .texts(rows, it -> it.conflict().row())
                .numbers(rows, LaneReport.Conflicted::atEpochMillis);
    }

    private static void setCompressed(PreparedStatement to, List<LaneReport.Compressed> rows)
            throws SQLException {
        new Arrays(to)
                .uuids(rows, it -> it.replication().value())
                .texts(rows, LaneReport.Compressed::figures);
    }

    private static void setNotes(PreparedStatement to, List<LaneReport.Note> rows)
            throws SQLException {
        new Arrays(to)
                .uuids(rows, it -> it.replication().value())
                .texts(rows, LaneReport.Note::type)
                .texts(rows, LaneReport.Note::severity)
                .texts(rows, LaneReport.Note::message)
                .texts(rows, LaneReport.Note::details)
                .numbers(rows, LaneReport.Note::atEpochMillis);
    }

    private static @Nullable String position(ReplicationReport report) {
        return report.refusedLsn() == 0 ? null : Lsn.format(report.refusedLsn());
    }

    private static @Nullable Double seconds(long micros) {
        return micros < 0 ? null : micros / 1e6;
    }

    private static @Nullable Double ratio(ReplicationReport report) {
        return report.compressionPercent() == 0 ? null : report.compressionPercent() / 100.0;
    }

    private static @Nullable Long known(long value) {
        return value < 0 ? null : value;
    }

    private static <T> @Nullable T served(Status status, Function<Service, @Nullable T> what) {
        Service service = status.report().service();
        return service == null ? null : what.apply(service);
    }

    private static String conditions(List<Condition> conditions) {
        ArrayNode array = MAPPER.createArrayNode();
        conditions.forEach(
                it -> array.addObject().put("code", it.code().name()).put("reason", it.reason()));
        return array.toString();
    }

    /** {@code FAILING_OVER} is FailingOver, as the store has it. */
    private static String name(Enum<?> value) {
        StringBuilder name = new StringBuilder();
        for (String word : value.name().split("_")) {
            name.append(word.charAt(0)).append(word.substring(1).toLowerCase());
        }
        return name.toString();
    }

    /** Sets the parameters of a statement in order, each an array with an element per row. */
    private static final class Arrays {

        private final PreparedStatement to;
        private int at;

        Arrays(PreparedStatement to) {
            this.to = to;
        }

        private <T> Arrays set(
                String type, List<T> rows, Function<? super T, ? extends @Nullable Object> column)
                throws SQLException {
            List<@Nullable Object> values = new ArrayList<>(rows.size());
            for (T row : rows) {
                values.add(column.apply(row));
            }
            to.setArray(++at, to.getConnection().createArrayOf(type, values.toArray()));
            return this;
        }

        <T> Arrays uuids(List<T> rows, Function<? super T, String> column) throws SQLException {
            return set("uuid", rows, column);
        }

        <T> Arrays texts(List<T> rows, Function<? super T, @Nullable String> column)
                throws SQLException {
            return set("text", rows, column);
        }

        <T> Arrays numbers(List<T> rows, Function<? super T, @Nullable Long> column)
                throws SQLException {
            return set("bigint", rows, column);
        }

        <T> Arrays decimals(List<T> rows, Function<? super T, @Nullable Double> column)
                throws SQLException {
            return set("float8", rows, column);
        }
    }

    @Override
    public void close() {
        prepared = List.of();
        connections.closeConnection();
    }
}
