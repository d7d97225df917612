package io.heliosdb.replication.core.snapshot.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.core.apply.Removal;
import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.core.apply.postgres.PostgresTargets;
import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.snapshot.SyncRequest;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.TargetConfig;
import io.heliosdb.replication.testkit.PostgresServer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A tenant whose rows are to be removed comes back before they are. */
class RemovalHandOverTest {

    private static final SourceIdentity SOURCE = new SourceIdentity("1", "x");

    private CopyStand stand;
    private TargetSession session;

    @BeforeEach
    void open() throws Exception {
        stand = new CopyStand();
        stand.createShop();
        stand.publishAll();
        session =
                new PostgresTargets()
                        .open(
                                new TargetConfig(
                                        "target",
                                        new DatabaseConfig(
                                                stand.targetServer.url(stand.target),
                                                PostgresServer.USER,
                                                Secret.EMPTY),
                                        1),
                                new Tenancy(stand.tenancy),
                                stand.target);
        copied(begin("first"), "first");
        copied(begin("neighbour", "b"), "neighbour");
        stand.onSource(
                "DELETE FROM items WHERE tenant_id = 'a' AND id % 3 = 0",
                "UPDATE orders SET note = 'changed' WHERE tenant_id = 'a' AND id % 5 = 0",
                "INSERT INTO orders SELECT 'a', n, 'new' FROM generate_series(201, 220) n");
    }

    @AfterEach
    void close() throws Exception {
        session.close();
        stand.targetServer.dropOrigins(stand.target, "heliosdb\\_" + stand.target + "%");
        stand.close();
    }

    private static ReplicationSpec spec(String id, String tenant, TableFilter tables) {
        return new ReplicationSpec(
                new ReplicationId(id),
                new TenantId(tenant),
                "target",
                tables,
                Tier.STANDARD,
                50,
                false,
                ExistingRows.FAIL);
    }

    private SyncRequest begin(String id) {
        return begin(id, "a");
    }

    private SyncRequest begin(String id, String tenant, String... tables) {
        ReplicationSpec spec = spec(id, tenant, new TableFilter(List.of(tables), List.of()));
        Claim claim = session.claim(spec, SOURCE);
        return new SyncRequest(spec, claim.epoch(), Set.of(), new long[0]);
    }

    private void copied(SyncRequest request, String id) throws Exception {
        ReplicationId replication = new ReplicationId(id);
        stand.start(request);
        CopyStand.await(
                "the copy of " + id,
                () ->
                        stand.heard.finished.containsKey(replication)
                                || stand.heard.failed.containsKey(replication));
        assertThat(stand.heard.failed).isEmpty();
    }

    /** As when an end with {@code cleanup_target} comes to its lane. */
    private Removal remove(SyncRequest ended) {
        session.release(ended.spec().id(), ended.epoch());
        return session.removeRows(ended.spec());
    }

    private Removal remove(String id) {
        return session.removeRows(spec(id, "a", TableFilter.ALL));
    }

    @Test
    void theSecondLives_soItsFirstCopyReplacesTheRowsOfTheFirst() throws Exception {
        SyncRequest second = begin("second");
        assertThat(remove("first")).isEqualTo(new Removal(0, Optional.of("second")));
        copied(second, "second");
        assertThat(remove("first")).isEqualTo(new Removal(0, Optional.empty()));
        stand.assertSame("orders", "tenant_id IN ('a', 'b')");
        stand.assertSame("items", "tenant_id IN ('a', 'b')");
        assertThat(remove(second).rows()).isEqualTo(220 + 267);
        stand.assertSame("orders", "tenant_id = 'b'");
        stand.assertSame("items", "tenant_id = 'b'");
    }

    @Test
    void theSecondEndsBeforeItHasCopiedAnything_soItsEndTakesTheRowsOfTheFirst() throws Exception {
        SyncRequest second = begin("second");
        assertThat(remove("first").waitingFor()).contains("second");
        assertThat(remove(second)).isEqualTo(new Removal(600, Optional.empty()));
        assertThat(remove("first")).isEqualTo(new Removal(0, Optional.empty()));
        stand.assertSame("orders", "tenant_id = 'b'");
        stand.assertSame("items", "tenant_id = 'b'");
    }

    @Test
    void theSecondCarriesFewerTables_soTheOthersAreEmptiedOfTheFirst() throws Exception {
        SyncRequest second = begin("second", "a", "public.orders");
        assertThat(remove("first")).isEqualTo(new Removal(400, Optional.of("second")));
        copied(second, "second");
        stand.assertSame("orders", "tenant_id IN ('a', 'b')");
        stand.assertSame("items", "tenant_id = 'b'");
    }

    @Test
    void theSecondEndsAndLeavesItsRows_soThoseOfTheFirstGoAlone() throws Exception {
        SyncRequest second = begin("second", "a", "public.orders");
        SyncRequest third = begin("third");
        assertThat(remove("first")).isEqualTo(new Removal(0, Optional.of("second")));
        copied(second, "second");
        assertThat(remove("first")).isEqualTo(new Removal(0, Optional.of("third")));
        session.release(second.spec().id(), second.epoch());
        session.release(third.spec().id(), third.epoch());
        assertThat(remove("first")).isEqualTo(new Removal(400, Optional.empty()));
        stand.assertSame("items", "tenant_id = 'b'");
        assertThat(stand.targetRows("SELECT count(*) FROM orders WHERE tenant_id = 'a'"))
                .containsExactly("220");
    }
}
