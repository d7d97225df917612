package io.heliosdb.replication.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.control.ControlCommand;
import io.heliosdb.replication.core.control.ControlCommand.Verb;
import io.heliosdb.replication.core.signed.SignedMessage;
import io.heliosdb.replication.core.signed.SigningKey;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.ReplicationRule;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.TenancyConfig;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Commands in the stream. */
class RouterCommandsTest {

    private static final int ORDERS = 100;
    private static final SigningKey KEY = new SigningKey("0123456789abcdef", new byte[64]);

    private final WalScript wal = new WalScript();
    private final Recorder output = new Recorder();
    private final Router router =
            new Router(
                    new Tenancy(new TenancyConfig("tenant_id", Map.of(), null, Set.of())),
                    1 << 20,
                    new SourceAccess(
                            (id, lsn) -> id.equals(KEY.id()) ? KEY : null, "", SourceColumns.NONE),
                    output);

    RouterCommandsTest() {
        router.rules(List.of(rule("a", "acme"), rule("all", "b*")));
        router.route(
                wal.relation(ORDERS, "public", "orders", "*id", "*tenant_id", "note").commit(5));
        router.route(
                wal.insert(ORDERS, "1", "acme", "x")
                        .insert(ORDERS, "1", "bolt", "x")
                        .insert(ORDERS, "1", "brick", "x")
                        .commit(10));
    }

    private static ReplicationRule rule(String name, String tenant) {
        return new ReplicationRule(
                name, tenant, "main", TableFilter.ALL, Tier.STANDARD, 50, false, ExistingRows.FAIL);
    }

    private void send(long lsn, String body) {
        String content =
                new String(
                        SignedMessage.sign(ControlCommand.PREFIX, lsn, body, KEY),
                        StandardCharsets.UTF_8);
        router.route(wal.logicalMessage(ControlCommand.PREFIX, content).commit(lsn));
    }

    private static String resync(List<String> replications, String... tables) {
        return new ControlCommand(Verb.RESYNC, replications, List.of(tables), 0, "me", "why")
                .body();
    }

    @Test
    void reachTheLanesTheyNameWithTheirPlaceInTheStream() {
        send(20, resync(List.of("a"), "orders"));
        assertThat(output.commands)
                .singleElement()
                .isInstanceOfSatisfying(
                        LaneInput.Resync.class,
                        resync -> {
                            assertThat(resync.replication().value()).isEqualTo("a");
                            assertThat(resync.tables()).containsExactly("orders");
                            assertThat(resync.startLsn()).isEqualTo(20);
                            assertThat(resync.pendingXids()).isNotEmpty();
                            assertThat(resync.why()).isEqualTo("me: why");
                        });
    }

    @Test
    void aRuleStandsForItsReplicationsAndAStarForAll() {
        send(20, resync(List.of("all")));
        assertThat(output.commands).hasSize(2);
        send(21, resync(List.of(ControlCommand.ALL)));
        assertThat(output.commands).hasSize(5);
    }

    @Test
    void whatIsNotSignedIsNotObeyed() {
        router.route(wal.logicalMessage(ControlCommand.PREFIX, resync(List.of("a"))).commit(20));
        assertThat(output.commands).isEmpty();
    }

    @Test
    void whatIsNotUnderstoodIsIgnored() {
        send(20, "{\"verb\": \"explode\", \"replications\": [\"a\"]}");
        send(21, "not JSON");
        assertThat(output.commands).isEmpty();
    }

    @Test
    void retryAndSkipAreHandedOn() {
        send(20, new ControlCommand(Verb.RETRY, List.of("a"), List.of(), 0, "me", "w").body());
        send(21, new ControlCommand(Verb.SKIP, List.of("a"), List.of(), 15, "me", "w").body());
        assertThat(output.commands.get(0)).isInstanceOf(LaneInput.Retry.class);
        assertThat(output.commands.get(1))
                .isEqualTo(
                        new LaneInput.Skip(
                                new io.heliosdb.replication.model.ReplicationId("a"),
                                15,
                                "me",
                                "w"));
        send(22, new ControlCommand(Verb.SKIP_DDL, List.of("a"), List.of(), 15, "me", "w").body());
        assertThat(output.commands.get(2)).isInstanceOf(LaneInput.Skip.class);
        assertThat(((LaneInput.Skip) output.commands.get(2)).ddl()).isTrue();
    }

    @Test
    void aReplicationThatTheStreamCouldNotFollowIsFollowedAgainFromTheResyncOn() {
        router.route(
                wal.relation(ORDERS, "public", "orders", "*id", "note")
                        .insert(ORDERS, "3", "x")
                        .commit(12));
        assertThat(output.failures).isNotEmpty();
        router.route(
                wal.relation(ORDERS, "public", "orders", "*id", "*tenant_id", "note")
                        .insert(ORDERS, "4", "acme", "lost")
                        .commit(13));
        send(20, resync(List.of("a"), "other"));
        router.route(wal.insert(ORDERS, "5", "acme", "found").commit(30));
        assertThat(output.commands)
                .singleElement()
                .isInstanceOfSatisfying(
                        LaneInput.Resync.class,
                        resync -> assertThat(resync.tables()).as("all").isEmpty());
        assertThat(output.of("a")).containsExactly("10.0! I(1,acme,x)", "30.0! I(5,acme,found)");
    }
}
