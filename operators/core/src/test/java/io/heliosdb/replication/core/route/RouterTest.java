package io.heliosdb.replication.core.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.core.ingest.HeartbeatMessage;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.core.wire.PgOutputWriter;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.ReplicationRule;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.TenancyConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RouterTest {

    private static final int ORDERS = 100;
    private static final int COUNTRIES = 200;
    private static final String KEYLESS_IDENTITY = "events";

    private final WalScript wal = new WalScript();
    private final Recorder output = new Recorder();
    private Router router = newRouter(1 << 20);

    private Router newRouter(int partBytes) {
        return new Router(
                new Tenancy(
                        new TenancyConfig(
                                "tenant_id",
                                Map.of(),
                                "shop_(.+)",
                                Set.of(new TableId("public", "countries")))),
                partBytes,
                output);
    }

    private static ReplicationRule rule(String name, String tenant, String... excluded) {
        return new ReplicationRule(
                name,
                tenant,
                "main",
                new TableFilter(List.of(), List.of(excluded)),
                Tier.STANDARD,
                50,
                false,
                ExistingRows.FAIL);
    }

    private void begin(ReplicationRule... rules) {
        router.rules(List.of(rules));
        router.route(
                wal.relation(ORDERS, "public", "orders", "*id", "*tenant_id", "note").commit(10));
    }

    @Test
    void splitsATransactionByTenantAndDropsWhatNobodyReplicates() {
        begin(rule("a", "acme"), rule("b", "bolt"));
        router.route(
                wal.insert(ORDERS, "1", "acme", "x")
                        .insert(ORDERS, "2", "bolt", "y")
                        .insert(ORDERS, "3", "other", "z")
                        .insert(ORDERS, "4", null, "z")
                        .update(ORDERS, "1", "acme", "x2")
                        .delete(ORDERS, "2", "bolt", null)
                        .commit(20));
        assertThat(output.of("a")).containsExactly("20.0! I(1,acme,x) UN(1,acme,x2)");
        assertThat(output.of("b")).containsExactly("20.0! I(2,bolt,y) DK(2,bolt,~)");
        assertThat(output.transactions).hasSize(2);
    }

    @Test
    void carriesAChangeOfTenantAsDeleteAndInsert_R11() {
        begin(rule("a", "acme"), rule("b", "bolt"));
        router.route(
                wal.updateKey(ORDERS, new String[] {"1", "acme", null}, "1", "bolt", "moved")
                        .commit(20));
        assertThat(output.of("a")).containsExactly("20.0! DK(1,acme,~)");
        assertThat(output.of("b")).containsExactly("20.0! I(1,bolt,moved)");
    }

    @Test
    void failsTheReplicationThatARowEntersWithoutItsLargeValues() {
        begin(rule("a", "acme"), rule("b", "bolt"));
        router.route(
                wal.updateKey(ORDERS, new String[] {"1", "acme", null}, "1", "bolt", "<unchanged>")
                        .insert(ORDERS, "9", "acme", "still routed")
                        .commit(20));
        assertThat(output.failures).singleElement().asString().contains("FULL");
        assertThat(output.of("a")).hasSize(1);
        assertThat(output.of("b")).isEmpty();
    }

    @Test
    void failsReplicationsOfATableWhoseIdentityLacksTheTenantKey() {
        begin(rule("a", "acme"), rule("without", "acme2", KEYLESS_IDENTITY));
        router.route(
                wal.relation(300, "public", KEYLESS_IDENTITY, "*id", "tenant_id")
                        .insert(300, "1", "acme")
                        .update(300, "1", "acme")
                        .commit(20));
        assertThat(output.failures)
                .singleElement()
                .satisfies(
                        fail -> {
                            assertThat(fail.replication().value()).isEqualTo("a");
                            assertThat(fail.code()).isEqualTo(ErrorCode.TABLE_NOT_ROUTABLE);
                            assertThat(fail.reason()).contains("public.events", "tenant_id");
                        });
    }

    @Test
    void routesReferenceTablesAndSchemasOfTenants() {
        begin(rule("ref", "_reference"), rule("p", "*"));
        router.route(
                wal.relation(COUNTRIES, "public", "countries", "*code", "name")
                        .relation(400, "shop_zeta", "items", "*id")
                        .insert(COUNTRIES, "CH", "Schweiz")
                        .insert(400, "7")
                        .commit(20));
        assertThat(output.of("ref")).containsExactly("20.0! I(CH,Schweiz)");
        assertThat(output.of("p/zeta")).containsExactly("20.0! I(7)");
    }

    @Test
    void makesAReplicationOfEachTenantThatAPatternCovers() {
        begin(rule("p", "ac*"));
        router.route(wal.insert(ORDERS, "1", "acme", "x").commit(20));
        router.route(wal.insert(ORDERS, "2", "acorn", "x").commit(30));
        router.route(wal.insert(ORDERS, "3", "bolt", "x").commit(40));
        assertThat(output.starts)
                .extracting(start -> start.spec().id().value())
                .containsExactly("p/acme", "p/acorn");
        assertThat(output.of("p/acorn")).containsExactly("30.0! I(2,acorn,x)");
        router.discovered(rule("p", "ac*"), List.of(new TenantId("acme"), new TenantId("across")));
        assertThat(output.starts)
                .extracting(start -> start.spec().id().value())
                .containsExactly("p/acme", "p/acorn", "p/across");
    }

    @Test
    void aPatternAlsoCoversTenantsThatOtherRulesName() {
        begin(rule("a", "acme"), to("dr", rule("p", "*")));
        router.route(wal.insert(ORDERS, "1", "acme", "x").commit(20));
        assertThat(output.of("a")).containsExactly("20.0! I(1,acme,x)");
        assertThat(output.of("p/acme")).containsExactly("20.0! I(1,acme,x)");
        router.rules(
                List.of(rule("a", "acme"), to("dr", rule("p", "*")), to("eu", rule("q", "ac*"))));
        router.route(wal.insert(ORDERS, "2", "acme", "y").commit(30));
        assertThat(output.of("q/acme")).containsExactly("30.0! I(2,acme,y)");
        assertThat(output.of("p/acme")).hasSize(2);
    }

    private static ReplicationRule to(String target, ReplicationRule rule) {
        return new ReplicationRule(
                rule.name(),
                rule.tenant(),
                target,
                rule.tables(),
                rule.tier(),
                rule.priority(),
                rule.paused(),
                rule.existingRows());
    }

    @Test
    void aWiderFilterSaysFromWhereOnItHolds() {
        begin(rule("a", "acme", "orders"));
        router.route(wal.insert(ORDERS, "1", "acme", "dropped").commit(20));
        router.rules(List.of(rule("a", "acme")));
        router.route(wal.insert(ORDERS, "2", "acme", "carried").commit(30));
        assertThat(output.updates)
                .singleElement()
                .satisfies(
                        update -> {
                            assertThat(update.spec().tables().exclude()).isEmpty();
                            assertThat(update.startLsn()).isEqualTo(20);
                            assertThat(update.pendingXids()).contains(20);
                        });
        assertThat(output.of("a")).containsExactly("30.0! I(2,acme,carried)");
    }

    @Test
    void truncatesForEveryTenantOfTheTable_R13() {
        begin(rule("a", "acme"), rule("b", "bolt", "orders"), rule("ref", "_reference"));
        router.route(wal.truncate(ORDERS).commit(20));
        assertThat(output.of("a")).containsExactly("20.0! T");
        assertThat(output.of("b")).isEmpty();
        assertThat(output.of("ref")).isEmpty();
    }

    @Test
    void rulesTakeEffectBetweenTransactionsOnly() {
        begin();
        router.route(wal.insert(ORDERS, "1", "acme", "x").chunk(20, false));
        router.rules(List.of(rule("a", "acme")));
        router.route(wal.insert(ORDERS, "2", "acme", "y").chunk(20, true));
        assertThat(output.of("a")).isEmpty();
        assertThat(output.starts)
                .singleElement()
                .satisfies(
                        start -> {
                            assertThat(start.startLsn()).isEqualTo(20);
                            assertThat(start.pendingXids()).contains(20);
                        });
        router.route(wal.insert(ORDERS, "3", "acme", "z").commit(30));
        assertThat(output.of("a")).containsExactly("30.0! I(3,acme,z)");
        router.rules(List.of());
        assertThat(output.stops).containsExactly("a");
    }

    @Test
    void aHeartbeatProvesTransactionsVisible_R3() {
        begin();
        router.route(wal.insert(ORDERS, "1", "acme", "x").commit(20));
        router.route(wal.insert(ORDERS, "2", "acme", "x").commit(21));
        router.route(
                wal.logicalMessage(HeartbeatMessage.PREFIX, "15:23:20|1700000000000000")
                        .commit(30));
        assertThat(output.ticks).containsExactly(30L);
        router.rules(List.of(rule("a", "acme")));
        assertThat(output.starts.get(0).pendingXids())
                .as("20 hangs in its commit, 21 is seen, 30 is the heartbeat itself")
                .containsExactly(20, 30);
    }

    @Test
    void handsOnLargeTransactionsInPartsAndContinuesThemAfterARestore() {
        router = newRouter(100);
        begin(rule("a", "acme"), rule("b", "bolt"));
        wal.insert(ORDERS, "1", "acme", "x".repeat(80));
        wal.insert(ORDERS, "2", "acme", "y").insert(ORDERS, "3", "bolt", "z");
        router.route(wal.chunk(20, false));
        router.flushParts();
        RouterState state = RouterState.decode(router.state().encode());

        router = newRouter(100);
        router.restore(state);
        router.rules(List.of(rule("a", "acme"), rule("b", "bolt")));
        wal.relation(ORDERS, "public", "orders", "*id", "*tenant_id", "note");
        router.route(wal.insert(ORDERS, "4", "acme", "w").chunk(20, true));
        assertThat(output.of("a"))
                .containsExactly(
                        "20.0 I(1,acme," + "x".repeat(80) + ")",
                        "20.1 I(2,acme,y)",
                        "20.2! I(4,acme,w)");
        assertThat(output.of("b")).containsExactly("20.0 I(3,bolt,z)", "20.1!");
        assertThat(output.starts).as("known replications are not started again").hasSize(2);
    }

    @Test
    void failsReplicationsOfATableThatLosesItsTenantKey() {
        begin(rule("a", "acme"));
        router.route(
                wal.relation(ORDERS, "public", "orders", "*id", "*renamed", "note")
                        .insert(ORDERS, "1", "acme", "x")
                        .commit(20));
        assertThat(output.failures)
                .singleElement()
                .satisfies(
                        fail -> assertThat(fail.reason()).contains("public.orders", "tenant_id"));
    }

    @Test
    void failsReplicationsOfATableThatLostItsTenantKeyWhileTheJobWasDown() {
        begin(rule("a", "acme"), rule("ref", "_reference"), rule("without", "bolt", "orders"));
        router.flushParts();
        RouterState state = RouterState.decode(router.state().encode());
        router = newRouter(1 << 20);
        router.restore(state);
        router.rules(
                List.of(
                        rule("a", "acme"),
                        rule("ref", "_reference"),
                        rule("without", "bolt", "orders")));
        router.route(
                wal.relation(ORDERS + 1, "public", "orders", "*id", "note")
                        .insert(ORDERS + 1, "1", "x")
                        .commit(20));
        assertThat(output.failures)
                .singleElement()
                .satisfies(
                        fail -> {
                            assertThat(fail.replication().value()).isEqualTo("a");
                            assertThat(fail.reason()).contains("public.orders", "'tenant_id'");
                        });
        assertThat(router.state().tenantKeys()).isEmpty();
    }

    @Test
    void aReferenceTableThatIsRenamedFailsTheReferenceReplicationOnly() {
        begin(rule("a", "acme"), rule("ref", "_reference"));
        router.route(
                wal.relation(COUNTRIES, "public", "countries", "*code")
                        .relation(COUNTRIES, "public", "lands", "*code")
                        .commit(20));
        assertThat(output.failures)
                .extracting(fail -> fail.replication().value())
                .containsExactly("ref");
    }

    @Test
    void readsItsStateOfTheFirstVersion() {
        begin(rule("a", "acme"));
        byte[] now =
                new RouterState(
                                router.state().routes(),
                                new long[] {7},
                                10,
                                true,
                                Map.of(),
                                Map.of())
                        .encode();
        byte[] first = Arrays.copyOf(now, now.length - Integer.BYTES);
        first[0] = 1;
        RouterState state = RouterState.decode(first);
        assertThat(state.routes()).isEqualTo(router.state().routes());
        assertThat(state.unprovenXids()).containsExactly(7);
        assertThat(state.lastCommitLsn()).isEqualTo(10);
        assertThat(state.insideTransaction()).isTrue();
        assertThat(state.tenantKeys()).isEmpty();
    }

    @Test
    void namesMessageAndPositionOfWhatItCannotRead() {
        begin(rule("a", "acme"));
        assertThatThrownBy(() -> router.route(wal.insert(999, "1").commit(0xAB)))
                .isInstanceOf(ReplicationException.class)
                .hasMessageContaining("'I'")
                .hasMessageContaining("0/AB")
                .hasMessageContaining("relation 999");
        byte[] cut = Arrays.copyOf(PgOutputWriter.insert(ORDERS, "1", "acme", "x"), 14);
        WalScript damaged = new WalScript();
        assertThatThrownBy(
                        () ->
                                router.route(
                                        damaged.insert(ORDERS, "1", "acme", "x")
                                                .message(cut)
                                                .insert(ORDERS, "2", "acme", "y")
                                                .commit(0xAC)))
                .hasMessageContaining("change 1 of the transaction that committed at 0/AC")
                .hasMessageContaining("Insert message 'I' of 14 bytes, at its byte 6")
                .extracting("code")
                .isEqualTo(ErrorCode.PROTOCOL_VIOLATION);
    }
}
