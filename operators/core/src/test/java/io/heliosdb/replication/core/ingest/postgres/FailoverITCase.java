package io.heliosdb.replication.core.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.ingest.SourceTimeline;
import io.heliosdb.replication.core.ingest.WalChunk;
import io.heliosdb.replication.core.ingest.WalPosition;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.SourceConfig;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import io.heliosdb.replication.testkit.PostgresVersion;
import io.heliosdb.replication.testkit.Standby;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The source fails over to a physical standby. */
class FailoverITCase {

    private static final String DATABASE = "app";
    private static final String COPY = "physical";

    @TempDir Path directory;
    private @Nullable PostgresServer primary;
    private @Nullable PostgresServer standby;
    private SourceIdentity source;
    private WalPosition begin;

    @BeforeEach
    void start() {
        primary =
                PostgresServer.start(
                        PostgresVersion.source(), Map.of(), 0, directory.resolve("primary"));
        primary.execute(
                "postgres",
                "CREATE DATABASE app",
                "SELECT pg_create_physical_replication_slot('" + COPY + "', true)");
        primary.execute(
                DATABASE,
                "CREATE TABLE t (id int PRIMARY KEY, tenant_id text, v text)",
                "CREATE PUBLICATION p FOR TABLE t");
        source = SourceAdmin.identify(config(primary).database());
        begin = WalPosition.at(SourceAdmin.begin(config(primary)).value());
    }

    /**
     * @param settings of the standby
     */
    private void makeStandby(Map<String, String> settings) {
        Standby.prepare(
                primary,
                directory.resolve("primary"),
                directory.resolve("standby"),
                DATABASE,
                COPY);
        startStandby(settings);
    }

    private void startStandby(Map<String, String> settings) {
        standby =
                PostgresServer.start(
                        PostgresVersion.source(), settings, 0, directory.resolve("standby"));
    }

    @AfterEach
    void stop() {
        if (standby != null) {
            standby.close();
        }
        if (primary != null) {
            primary.close();
        }
    }

    private static SourceConfig config(PostgresServer server) {
        return new SourceConfig(
                new DatabaseConfig(server.url(DATABASE), PostgresServer.USER, Secret.EMPTY),
                "failover_slot",
                "p",
                Duration.ofMillis(100),
                Duration.ofMillis(500));
    }

    private static String ask(PostgresServer server, String query) {
        try (Connection connection = server.connect(DATABASE);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.next() ? row.getString(1) : "";
        } catch (SQLException e) {
            throw new IllegalStateException(query + ": " + e.getMessage(), e);
        }
    }

    /** What is read until this row, confirming it; returns the position behind it. */
    private WalPosition readTo(
            PostgresServer server,
            WalPosition from,
            long timeline,
            String last,
            List<String> seen) {
        WalPosition position = from;
        try (PostgresWalReader reader =
                PostgresWalReader.open(config(server), source, from, timeline)) {
            while (!seen.contains(last)) {
                WalChunk chunk = reader.read();
                seen.addAll(SourceStand.changes(chunk));
                position = position.after(chunk);
            }
            reader.confirm(position.restartLsn());
        }
        return position;
    }

    /** Reads a heartbeat and confirms it: a standby takes over only a slot that moves. */
    private WalPosition readOne(WalPosition from) {
        try (PostgresWalReader reader = PostgresWalReader.open(config(primary), source, from, 1)) {
            WalPosition behind = from.after(reader.read());
            reader.confirm(behind.restartLsn());
            return behind;
        }
    }

    private void caughtUp() {
        String end = ask(primary, "SELECT pg_current_wal_lsn()");
        Await.until(
                "the standby to catch up",
                () -> ask(standby, "SELECT pg_last_wal_replay_lsn() >= '" + end + "'"),
                "t"::equals);
    }

    private void promote() {
        primary.close();
        standby.execute("postgres", "SELECT pg_promote(true, 60)");
    }

    private static void refused(ErrorCode code, String text, ThrowingCallable call) {
        assertThatThrownBy(call)
                .hasMessageContaining(text)
                .isInstanceOfSatisfying(
                        ReplicationException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void goesOnAtAStandbyThatHasTheSlot_andNotAtTheFormerPrimary_R19() {
        assumeTrue(PostgresVersion.source().major() >= 17, "standbys keep slots from 17 on");
        makeStandby(Map.of("sync_replication_slots", "on"));
        primary.execute(DATABASE, "INSERT INTO t VALUES (1, 'a', 'x')");
        List<String> seen = new ArrayList<>();
        WalPosition[] position = {readTo(primary, begin, 1, "I1", seen)};
        Await.until(
                "the standby to have the slot",
                () -> {
                    position[0] = readOne(position[0]);
                    primary.execute("postgres", "SELECT pg_log_standby_snapshot()");
                    return ask(
                            standby,
                            "SELECT synced AND NOT temporary AND failover FROM"
                                    + " pg_replication_slots WHERE slot_name = 'failover_slot'");
                },
                "t"::equals);
        primary.execute(DATABASE, "INSERT INTO t VALUES (2, 'a', 'x')");
        caughtUp();
        // The former primary writes on, alone.
        standby.execute("postgres", "SELECT pg_promote(true, 60)");
        primary.execute(DATABASE, "INSERT INTO t VALUES (9, 'a', 'lost')");
        standby.execute(DATABASE, "INSERT INTO t VALUES (3, 'a', 'x')");

        WalPosition behind = readTo(standby, position[0], 1, "I3", seen);
        assertThat(seen).containsExactly("I1", "I2", "I3");
        SourceTimeline now = SourceAdmin.timeline(config(standby).database());
        assertThat(now.timeline()).isEqualTo(2);
        assertThat(now.ends()).containsOnlyKeys(1L);
        assertThat(now.lacks(1, now.ends().get(1L))).isFalse();
        assertThat(now.lacks(1, new Lsn(now.ends().get(1L).value() + 1))).isTrue();

        refused(
                ErrorCode.SOURCE_DIVERGED,
                "former primary",
                () -> PostgresWalReader.open(config(primary), source, behind, 2));
    }

    @Test
    void goesOnAfterTheSourceHasRestarted_R18() {
        List<String> seen = new ArrayList<>();
        int port = primary.port();
        primary.execute(DATABASE, "INSERT INTO t VALUES (1, 'a', 'x')");
        WalPosition position = begin;
        try (PostgresWalReader reader = PostgresWalReader.open(config(primary), source, begin, 1)) {
            while (!seen.contains("I1")) {
                WalChunk chunk = reader.read();
                seen.addAll(SourceStand.changes(chunk));
                position = position.after(chunk);
            }
            primary.close();
            refused(
                    ErrorCode.SOURCE_UNREACHABLE,
                    "failover_slot",
                    () -> {
                        while (true) {
                            reader.read();
                        }
                    });
        }
        primary =
                PostgresServer.start(
                        PostgresVersion.source(), Map.of(), port, directory.resolve("primary"));
        primary.execute(DATABASE, "INSERT INTO t VALUES (2, 'a', 'x')");
        readTo(primary, position, 1, "I2", seen);
        assertThat(seen).containsExactly("I1", "I2");
    }

    @Test
    void twoReadersOfOneSlotTakeTurnsAndLoseNothing_R18() {
        primary.execute(DATABASE, "INSERT INTO t VALUES (1, 'a', 'x')");
        List<String> seen = new ArrayList<>();
        WalPosition position;
        try (PostgresWalReader first = PostgresWalReader.open(config(primary), source, begin, 1)) {
            first.read();
            assertThatThrownBy(() -> SourceAdmin.begin(config(primary), Duration.ofMillis(300)))
                    .hasMessageContaining("pg_terminate_backend");
            // Somebody ends the first to let the second in: it says so, and takes nothing along.
            int pid = SourceAdmin.slot(config(primary)).orElseThrow().activePid();
            primary.execute("postgres", "SELECT pg_terminate_backend(" + pid + ")");
            position = readTo(primary, begin, 1, "I1", seen);
            refused(
                    ErrorCode.SOURCE_UNREACHABLE,
                    "broke",
                    () -> {
                        while (true) {
                            first.read();
                        }
                    });
        }
        primary.execute(DATABASE, "INSERT INTO t VALUES (2, 'a', 'x')");
        readTo(primary, position, 1, "I2", seen);
        assertThat(seen).containsExactly("I1", "I2");
    }

    @Test
    void stopsWhereTheStandbyHasNoSlot_R19() {
        makeStandby(Map.of());
        primary.execute(DATABASE, "INSERT INTO t VALUES (1, 'a', 'x')");
        WalPosition position = readTo(primary, begin, 1, "I1", new ArrayList<>());
        caughtUp();
        promote();
        refused(
                ErrorCode.SLOT_MISSING,
                "resync --all --new-slot",
                () -> PostgresWalReader.open(config(standby), source, position, 1));
        assertThat(SlotRescue.whyLost(config(standby)))
                .hasValueSatisfying(why -> assertThat(why).contains("does not exist"));
        assertThat(SlotRescue.beginAnew(config(standby)).value()).isPositive();
        assertThat(SlotRescue.whyLost(config(standby))).isEmpty();
    }

    @Test
    void noticesThatTheStandbyLacksWhatWasRead_R19() {
        makeStandby(Map.of());
        caughtUp();
        standby.close();
        primary.execute(DATABASE, "INSERT INTO t VALUES (1, 'a', 'x')");
        WalPosition position = readTo(primary, begin, 1, "I1", new ArrayList<>());
        primary.close();
        primary = null;
        startStandby(Map.of());
        refused(
                ErrorCode.SOURCE_UNREACHABLE,
                "waiting for it",
                () -> PostgresWalReader.open(config(standby), source, position, 1));
        standby.execute("postgres", "SELECT pg_promote(true, 60)");
        SlotRescue.beginAnew(config(standby));
        standby.execute(
                DATABASE,
                "INSERT INTO t SELECT g, 'a', repeat('x', 1000) FROM generate_series(1, 2000) g");
        refused(
                ErrorCode.SOURCE_DIVERGED,
                "the source has lost it",
                () -> PostgresWalReader.open(config(standby), source, position, 1));
    }
}
