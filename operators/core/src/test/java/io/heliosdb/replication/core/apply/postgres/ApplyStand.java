package io.heliosdb.replication.core.apply.postgres;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.core.apply.SkippedTables;
import io.heliosdb.replication.core.apply.TargetSession.ApplyResult;
import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.model.Epoch;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.TenantTransaction;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.TargetConfig;
import io.heliosdb.replication.model.config.TenancyConfig;
import io.heliosdb.replication.testkit.PostgresServer;
import io.heliosdb.replication.testkit.PostgresVersion;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ObjectAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** A fresh target database and sessions in it. */
final class ApplyStand implements AutoCloseable {

    static final SourceIdentity SOURCE = new SourceIdentity("7000000000000000001", "app");
    static final PostgresServer SERVER = server();

    final String database = SERVER.createDatabase("apply");
    final Connection sql;
    final TargetConfig target =
            new TargetConfig(
                    "target",
                    new DatabaseConfig(SERVER.url(database), PostgresServer.USER, Secret.EMPTY),
                    2);
    final PostgresTargetSession session;
    private final Map<Long, RelationDescriptor> relations = new HashMap<>();
    private final Map<String, Epoch> epochs = new HashMap<>();

    /** What the target has acknowledged of a replication, as the lane remembers it. */
    final Map<String, Long> acknowledged = new HashMap<>();

    private static PostgresServer server() {
        PostgresServer server = PostgresServer.start(PostgresVersion.target());
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        return server;
    }

    ApplyStand(String... ddl) throws SQLException {
        SERVER.execute(database, ddl);
        sql = SERVER.connect(database);
        session = open("s1");
    }

    PostgresTargetSession open(String name) {
        return open(name, tenancy("tenant_id", null));
    }

    PostgresTargetSession open(String name, Tenancy tenancy) {
        return new PostgresTargets().openSession(target, tenancy, database + "_" + name);
    }

    static Tenancy tenancy(String column, String schemaPattern) {
        return new Tenancy(new TenancyConfig(column, Map.of(), schemaPattern, Set.of()));
    }

    static ReplicationSpec spec(String replication) {
        return new ReplicationSpec(
                new ReplicationId(replication),
                new TenantId(tenantOf(replication)),
                "target",
                TableFilter.ALL,
                Tier.STANDARD,
                0,
                false,
                ExistingRows.FAIL);
    }

    /** Replication {@code r7} is tenant {@code 7}. */
    static String tenantOf(String replication) {
        return replication.substring(1);
    }

    Claim claim(String replication) {
        Claim claim = session.claim(spec(replication), SOURCE);
        epochs.put(replication, claim.epoch());
        return claim;
    }

    /** Batches of a claimed replication, or of one that is claimed now. */
    LaneBatch batch(String replication, TenantTransaction... transactions) {
        return batch(replication, SkippedTables.NONE, List.of(transactions));
    }

    LaneBatch batch(
            String replication, SkippedTables skipped, List<TenantTransaction> transactions) {
        if (!epochs.containsKey(replication)) {
            claim(replication);
        }
        return new LaneBatch(
                new ReplicationId(replication),
                new TenantId(tenantOf(replication)),
                epochs.get(replication),
                acknowledged.getOrDefault(replication, 0L),
                transactions,
                relations::get,
                skipped);
    }

    /** A batch of one transaction. */
    LaneBatch batch(String replication, long lsn, ChangeSet changes) {
        return batch(replication, transaction(replication, lsn, changes));
    }

    ApplyResult apply(String replication, long lsn, ChangeSet changes) {
        return apply(batch(replication, lsn, changes));
    }

    /** Applies a group. */
    ApplyResult apply(LaneBatch... batches) {
        return session.apply(List.of(batches));
    }

    /** What the call fails with. */
    static ObjectAssert<ApplyException> failure(ThrowingCallable call) {
        return assertThatThrownBy(call).asInstanceOf(type(ApplyException.class));
    }

    TenantTransaction transaction(String replication, long lsn, ChangeSet changes) {
        know(changes);
        return changes.transaction(replication, lsn);
    }

    void know(ChangeSet changes) {
        changes.relations().forEach(relation -> relations.put(relation.fingerprint(), relation));
    }

    /**
     * The descriptor of a table of this database, as a source with the same table would send it.
     */
    RelationDescriptor relation(String table, char identity) {
        TableId id = TableId.parse(table);
        String key =
                switch (identity) {
                    case 'f' -> "true";
                    case 'n' -> "false";
                    default ->
                            "EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND a.attnum = ANY (i.indkey) AND "
                                    + (identity == 'i' ? "i.indisreplident" : "i.indisprimary")
                                    + ")";
                };
        List<RelationDescriptor.Column> columns = new ArrayList<>();
        int oid = 0;
        for (List<String> row :
                rows(
                        "SELECT c.oid, a.attname, "
                                + key
                                + "::int, a.atttypid, a.atttypmod FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
                                + " AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''"
                                + " WHERE c.oid = '"
                                + id.quoted()
                                + "'::regclass ORDER BY a.attnum")) {
            oid = Integer.parseInt(row.get(0));
            columns.add(
                    new RelationDescriptor.Column(
                            row.get(1),
                            row.get(2).equals("1"),
                            Integer.parseInt(row.get(3)),
                            Integer.parseInt(row.get(4))));
        }
        return new RelationDescriptor(oid, id, identity, columns);
    }

    /** All rows of a query, values as text, null as null. */
    List<List<String>> rows(String query) {
        try (Statement statement = sql.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            List<List<String>> rows = new ArrayList<>();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.add(result.getString(i));
                }
                rows.add(row);
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(query, e);
        }
    }

    String value(String query) {
        return rows(query).get(0).get(0);
    }

    void execute(String statement) {
        SERVER.execute(database, statement);
    }

    @Override
    public void close() throws SQLException {
        session.close();
        SERVER.dropOrigins(database, "heliosdb\\_" + database + "\\_%");
        sql.close();
    }
}
