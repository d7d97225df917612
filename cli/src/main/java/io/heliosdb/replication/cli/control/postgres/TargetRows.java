package io.heliosdb.replication.cli.control.postgres;

import io.heliosdb.replication.core.apply.postgres.ResyncMarks;
import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.core.postgres.Connections.Endpoint;
import io.heliosdb.replication.core.progress.ProgressRow;
import io.heliosdb.replication.core.progress.postgres.ProgressStore;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.TargetConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Progress rows of the targets of a configuration. */
public final class TargetRows {

    private TargetRows() {}

    private interface Use<T> {
        T with(Connection connection) throws SQLException;
    }

    /** The row of a replication of the configuration. */
    public static Optional<ProgressRow> find(PipelineConfig config, String replication) {
        return config.targets().stream()
                .flatMap(target -> of(config, target).stream())
                .filter(row -> row.replication().value().equals(replication))
                .findFirst();
    }

    /** The rows of the configuration's replications in one target. */
    public static List<ProgressRow> of(PipelineConfig config, TargetConfig target) {
        return use(
                target,
                connection ->
                        new ProgressStore(connection)
                                .rows().stream()
                                        .filter(row -> belongs(config, target, row))
                                        .toList());
    }

    /**
     * Marks all of these to be copied again by whoever claims them next, and ends the right to
     * write of whoever holds it; returns their number.
     */
    public static int mark(TargetConfig target, List<ReplicationId> replications, String why) {
        return use(
                target,
                connection -> {
                    new ProgressStore(connection).create();
                    return ResyncMarks.mark(connection, replications, why);
                });
    }

    /** What the last resync compared and found, in lines. */
    public static List<String> mended(TargetConfig target, ReplicationId replication) {
        return use(target, connection -> ResyncMarks.mended(connection, replication));
    }

    private static boolean belongs(PipelineConfig config, TargetConfig target, ProgressRow row) {
        return config.replications().stream()
                .anyMatch(
                        rule ->
                                rule.target().equals(target.name())
                                        && rule.specFor(row.tenant())
                                                .id()
                                                .equals(row.replication()));
    }

    private static <T> T use(TargetConfig target, Use<T> use) {
        try (Connection connection =
                Connections.open(target.database(), "heliosdb-cli", Endpoint.TARGET)) {
            return use.with(connection);
        } catch (SQLException e) {
            throw new ReplicationException(
                    ErrorCode.TARGET_UNREACHABLE,
                    "target " + target.database().url() + ": " + e.getMessage(),
                    e);
        }
    }
}
