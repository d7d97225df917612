package io.heliosdb.replication.core.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.ingest.WalPosition;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Slots that can be used, and those that cannot. */
class SourceAdminTest extends SourceStand {

    private static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(
            ErrorCode code, ThrowingCallable call) {
        return assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ReplicationException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void makesTheSlotOnceAndFindsItAgain() {
        WalPosition made = begin();
        server.execute(database, "INSERT INTO t VALUES (1, 'a', 'x')");
        assertThat(begin()).isEqualTo(made);
        SourceAdmin.dropSlot(config);
        assertThat(SourceAdmin.slot(config)).isEmpty();
    }

    @Test
    void refusesSlotsOfAnotherKind() {
        String create = "SELECT pg_create_logical_replication_slot('%s', 'test_decoding')";
        server.execute(database, String.format(create, config.slot()));
        assertRefused(ErrorCode.SLOT_UNUSABLE, this::begin)
                .hasMessageContaining("test_decoding")
                .hasMessageContaining("source.slot");
        SourceAdmin.dropSlot(config);

        String physical = "SELECT pg_create_physical_replication_slot('%s')";
        server.execute(database, String.format(physical, config.slot()));
        assertRefused(ErrorCode.SLOT_UNUSABLE, this::begin).hasMessageContaining("physical");
    }

    @Test
    void refusesASlotOfAnotherDatabase() {
        String other = server.createDatabase("other");
        server.execute(
                other,
                "SELECT pg_create_logical_replication_slot('" + config.slot() + "', 'pgoutput')");
        assertRefused(ErrorCode.SLOT_UNUSABLE, this::begin)
                .hasMessageContaining(other)
                .hasMessageContaining(database);
    }

    @Test
    void refusesASlotInUseNamingTheReaderAndHowToEndIt_R18() {
        WalPosition begin = begin();
        try (PostgresWalReader reader = PostgresWalReader.open(config, source, begin)) {
            reader.read();
            int pid = SourceAdmin.slot(config).orElseThrow().activePid();
            assertRefused(
                            ErrorCode.SLOT_IN_USE,
                            () -> SourceAdmin.begin(config, Duration.ofMillis(300)))
                    .hasMessageContaining("SELECT pg_terminate_backend(" + pid + ");");
        }
    }

    @Test
    void waitsForAReaderThatIsAboutToEndAndBeginsWhereItEnded_R18() throws Exception {
        WalPosition begin = begin();
        CompletableFuture<Lsn> next;
        WalPosition ended;
        try (PostgresWalReader reader = PostgresWalReader.open(config, source, begin)) {
            ended = begin.after(reader.read());
            next = CompletableFuture.supplyAsync(() -> SourceAdmin.begin(config));
            await(
                    "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name ="
                            + " 'heliosdb-admin' AND query LIKE '%pg_replication_slots%'");
            assertThat(next).isNotDone();
            reader.confirm(ended.restartLsn());
        }
        assertThat(next.get().value()).isEqualTo(ended.restartLsn());
    }

    @Test
    void refusesAnInvalidatedSlot_R18() throws SQLException {
        WalPosition begin = begin();
        server.execute(
                database,
                "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'",
                "SELECT pg_reload_conf()");
        try {
            await("SELECT current_setting('max_slot_wal_keep_size') = '1MB'");
            for (int i = 0; i < 4; i++) {
                server.execute(
                        database,
                        "SELECT pg_logical_emit_message(false, 'x', 'x')",
                        "SELECT pg_switch_wal()");
            }
            server.execute(database, "CHECKPOINT");
            assertRefused(ErrorCode.SLOT_UNUSABLE, this::begin)
                    .hasMessageContaining("wal_removed")
                    .hasMessageContaining("pg_drop_replication_slot('" + config.slot() + "')");
            assertRefused(
                            ErrorCode.SLOT_UNUSABLE,
                            () -> PostgresWalReader.open(config, source, begin))
                    .hasMessageContaining("wal_removed");
        } finally {
            server.execute(
                    database,
                    "ALTER SYSTEM RESET max_slot_wal_keep_size",
                    "SELECT pg_reload_conf()");
        }
    }

    @Test
    void neverMakesALostSlotAnewForACheckpoint_R18() {
        WalPosition begin = begin();
        SourceAdmin.dropSlot(config);
        assertRefused(ErrorCode.SLOT_MISSING, () -> PostgresWalReader.open(config, source, begin))
                .hasMessageContaining("resync --all --new-slot");
        assertThat(SourceAdmin.slot(config)).isEmpty();
    }

    @Test
    void refusesAPositionThatTheSlotHasLeftBehind_R18() {
        WalPosition begin = begin();
        server.execute(
                database,
                "INSERT INTO t VALUES (1, 'a', 'x')",
                "SELECT pg_replication_slot_advance('"
                        + config.slot()
                        + "', pg_current_wal_lsn())");
        assertRefused(ErrorCode.SLOT_UNUSABLE, () -> PostgresWalReader.open(config, source, begin))
                .hasMessageContaining("changes between are gone");
    }

    @Test
    void refusesACheckpointOfAnotherSource() {
        WalPosition begin = begin();
        SourceIdentity other = new SourceIdentity("42", database);
        assertRefused(
                        ErrorCode.CHECKPOINT_OF_ANOTHER_SOURCE,
                        () -> PostgresWalReader.open(config, other, begin))
                .hasMessageContaining("42/" + database);
    }
}
