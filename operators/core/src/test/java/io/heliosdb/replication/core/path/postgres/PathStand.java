package io.heliosdb.replication.core.path.postgres;

import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.TenancyConfig;
import io.heliosdb.replication.testkit.Await;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tables first, then {@link #start}, then changes, {@link #settle}, and both sides must be the
 * same.
 */
final class PathStand extends BothEnds<PathStand> {

    private String publication = "FOR ALL TABLES";

    PathStand(String... sourceDdl) {
        super("path");
        onSource(sourceDdl);
    }

    @Override
    PathStand self() {
        return this;
    }

    /** What follows CREATE PUBLICATION and its name. */
    PathStand publish(String value) {
        publication = value;
        return this;
    }

    /** The same on both. */
    PathStand onBoth(String... statements) {
        return onSource(statements).onTarget(statements);
    }

    /** Replicates these tenants and awaits the stream. */
    PathStand start(String... tenants) {
        onSource("CREATE PUBLICATION helios " + publication);
        for (String tenant : tenants) {
            replicate(tenant);
        }
        restart();
        awaitAll(
                lane ->
                        lane.state() == ReplicationState.STREAMING
                                || lane.state() == ReplicationState.ERROR);
        return requireNoError();
    }

    PathStand add(String tenant) {
        replicate(tenant);
        path.rules(List.copyOf(rules.values()));
        return this;
    }

    /** Waits until the query says true in the target. */
    void awaitTarget(String condition) {
        Await.until(condition, PATIENCE, () -> onTargetRows(condition).get(0).equals("t"));
    }

    static TenancyConfig tenancy(String column, Map<String, String> tables, String schemas) {
        Map<TableId, String> byTable = new LinkedHashMap<>();
        tables.forEach((table, key) -> byTable.put(TableId.parse(table), key));
        return new TenancyConfig(column, byTable, schemas, Set.of());
    }
}
