package io.heliosdb.replication.core.path.postgres;

import io.heliosdb.replication.core.control.ControlCommand;
import io.heliosdb.replication.core.control.postgres.CommandSender;
import io.heliosdb.replication.core.ddl.postgres.DdlCapture;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.config.DdlPolicy;
import io.heliosdb.replication.model.config.DdlRules;
import io.heliosdb.replication.model.config.ReplicationRule;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/**
 * The source captures DDL. The tenants share one target; each may be paused, so that it falls
 * behind the others.
 */
final class DdlStand extends BothEnds<DdlStand> {

    DdlStand(String... sourceDdl) {
        super("ddl");
        onSource(sourceDdl);
    }

    @Override
    DdlStand self() {
        return this;
    }

    DdlStand capture() {
        return onSource(DdlCapture.install(PostgresServer.USER).toArray(String[]::new));
    }

    /** With capture, all tables published; awaits the stream. */
    DdlStand start(String... tenants) {
        capture();
        onSource("CREATE PUBLICATION helios FOR ALL TABLES");
        return startWithout(tenants);
    }

    /** With capture, all tables published, partitions as their roots. */
    DdlStand viaRoot() {
        return capture()
                .onSource(
                        "CREATE PUBLICATION helios FOR ALL TABLES"
                                + " WITH (publish_via_partition_root = true)");
    }

    /** As the source is. */
    DdlStand startWithout(String... tenants) {
        for (String tenant : tenants) {
            if (!rules.containsKey(tenant)) {
                replicate(tenant);
            }
        }
        restart();
        Await.until(
                () -> "all streaming",
                PATIENCE,
                this::lanes,
                lanes ->
                        lanes.size() >= tenants.length
                                && lanes.stream()
                                        .allMatch(it -> it.state() == ReplicationState.STREAMING));
        return this;
    }

    private DdlStand change(String tenant, UnaryOperator<ReplicationRule> change) {
        rules.compute(tenant, (name, rule) -> change.apply(rule));
        if (path != null) {
            path.rules(List.copyOf(rules.values()));
        }
        return this;
    }

    /** Before the start: only these tables are carried. */
    DdlStand only(String tenant, String... tables) {
        replicate(tenant);
        ReplicationRule all = rules.get(tenant);
        rules.put(
                tenant,
                new ReplicationRule(
                        all.name(),
                        all.tenant(),
                        all.target(),
                        new TableFilter(List.of(tables), List.of()),
                        all.tier(),
                        all.priority(),
                        all.paused(),
                        all.existingRows()));
        return this;
    }

    /** As the command line does. */
    void order(ControlCommand.Verb verb, String tenant, long position) {
        CommandSender.send(
                config().source().database(),
                new ControlCommand(
                        verb, List.of("r_" + tenant), List.of(), position, "me", "because"));
    }

    /**
     * Leaves out the DDL that this tenant's replication has stopped at, once the target says so.
     */
    void skipDdl(String tenant) {
        String refused =
                Await.until(
                        "where " + tenant + " has stopped",
                        () ->
                                onTargetRows(
                                                "SELECT refused_lsn FROM heliosdb.replication_progress"
                                                        + " WHERE replication_id = 'r_"
                                                        + tenant
                                                        + "'")
                                        .get(0),
                        lsn -> !lsn.equals("null"));
        order(ControlCommand.Verb.SKIP_DDL, tenant, Lsn.parse(refused).value());
    }

    /** Waits until so many sessions of the database wait for a lock. */
    void awaitWaiting(PostgresServer server, String database, int sessions) {
        await(
                sessions + " to wait for a lock",
                () ->
                        server.rows(
                                                database,
                                                "SELECT 1 FROM pg_stat_activity WHERE datname ="
                                                        + " current_database() AND wait_event_type"
                                                        + " = 'Lock'")
                                        .size()
                                >= sessions);
    }

    DdlStand add(String tenant) {
        replicate(tenant);
        path.rules(List.copyOf(rules.values()));
        return this;
    }

    DdlStand pause(String tenant) {
        change(tenant, rule -> with(rule, true, rule.ddl()));
        Await.until(
                tenant + " to pause",
                PATIENCE,
                () -> lane(tenant).state() == ReplicationState.PAUSED);
        return this;
    }

    DdlStand resume(String tenant) {
        return change(tenant, rule -> with(rule, false, rule.ddl()));
    }

    DdlStand policy(String tenant, DdlPolicy policy) {
        return ddl(tenant, DdlRules.of(policy));
    }

    DdlStand ddl(String tenant, DdlRules rules) {
        return change(tenant, rule -> with(rule, rule.paused(), rules));
    }

    /** As a change of its entry in the file does: a lane in error is tried again. */
    DdlStand retry(String tenant) {
        return change(
                tenant,
                rule ->
                        new ReplicationRule(
                                rule.name(),
                                rule.tenant(),
                                rule.target(),
                                rule.tables(),
                                rule.tier(),
                                rule.priority() - 1,
                                rule.paused(),
                                rule.existingRows(),
                                rule.ddl()));
    }

    private static ReplicationRule with(ReplicationRule rule, boolean paused, DdlRules ddl) {
        return new ReplicationRule(
                rule.name(),
                rule.tenant(),
                rule.target(),
                rule.tables(),
                rule.tier(),
                rule.priority(),
                paused,
                rule.existingRows(),
                ddl);
    }

    void await(String what, BooleanSupplier condition) {
        Await.until(what, PATIENCE, condition::getAsBoolean);
    }

    /** The table must be the same, with what may come a little later. */
    DdlStand assertSameTable(String table) {
        settle();
        String query = "SELECT heliosdb_test_shape('" + table + "')";
        for (PostgresServer server : List.of(sourceServer, targetServer)) {
            server.execute(server == sourceServer ? source : target, SHAPE);
        }
        List<String> wanted = onSourceRows(query);
        Await.until(
                () -> "shape of " + table + ": " + onTargetRows(query) + " wanted " + wanted,
                PATIENCE,
                () -> onTargetRows(query),
                wanted::equals);
        return this;
    }

    /** Columns in no order, constraints, indexes, identity. */
    private static final String SHAPE =
            """
            CREATE OR REPLACE FUNCTION heliosdb_test_shape(which text) RETURNS text LANGUAGE sql AS $$
            SELECT (SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod),
                                                pg_get_expr(d.adbin, d.adrelid), a.attnotnull,
                                                a.attidentity, a.attgenerated), E'\\n' ORDER BY a.attname)
                    FROM pg_attribute a
                    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                    WHERE a.attrelid = to_regclass(which) AND a.attnum > 0 AND NOT a.attisdropped)
                || coalesce((SELECT string_agg(concat_ws(' ', k.conname, pg_get_constraintdef(k.oid)),
                                               E'\\n' ORDER BY k.conname)
                             FROM pg_constraint k WHERE k.conrelid = to_regclass(which)
                             AND k.contype <> 'n'), '')
                || coalesce((SELECT string_agg(pg_get_indexdef(i.indexrelid), E'\\n'
                                               ORDER BY i.indexrelid::regclass::text)
                             FROM pg_index i
                             WHERE i.indrelid = to_regclass(which) AND i.indisvalid), '')
                || coalesce((SELECT concat_ws(' ', E'\\n', c.relreplident, i.indexrelid::regclass)
                             FROM pg_class c
                             LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisreplident
                             WHERE c.oid = to_regclass(which)), '') $$
            """;
}
