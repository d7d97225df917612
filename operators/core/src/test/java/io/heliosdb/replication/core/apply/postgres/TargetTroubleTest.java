package io.heliosdb.replication.core.apply.postgres;

import static io.heliosdb.replication.core.apply.postgres.ApplyStand.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.ApplyException.Kind;
import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.core.apply.TargetSession.ApplyResult;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.TargetConfig;
import io.heliosdb.replication.testkit.Await;
import java.sql.Connection;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Locks, deadlocks, lost sessions and missing rights, told apart by what helps against them. */
class TargetTroubleTest extends TargetSessionStand {

    TargetTroubleTest() {
        super(ITEMS);
    }

    @Test
    void retriesTheLaneThatALockTimeoutHit() throws Exception {
        stand.apply("r1", 100, new ChangeSet().insert(item, "1", "1", "a", "1"));
        LaneBatch update = stand.batch("r1", 200, new ChangeSet().update(item, "1", "1", "b", "2"));
        stand.session.setLockTimeout("50ms");
        stand.sql.setAutoCommit(false);
        stand.sql.createStatement().execute("UPDATE item SET qty = 9");

        failure(() -> stand.apply(update))
                .returns(Kind.RETRY_LANE, ApplyException::kind)
                .returns(ErrorCode.TARGET_BUSY, ApplyException::code)
                .returns("55P03", ApplyException::sqlState);
        stand.sql.rollback();
        stand.sql.setAutoCommit(true);
        assertThat(stand.apply(update).rows()).isEqualTo(1);
    }

    /** Two sessions of ours meet in opposite order: one is told to come again, and can. */
    @Test
    void retriesTheLaneThatADeadlockHit() throws Exception {
        stand.apply(
                "r1",
                100,
                new ChangeSet().insert(item, "1", "1", "a", "1").insert(item, "1", "2", "b", "1"));
        stand.execute("ALTER DATABASE " + stand.database + " SET deadlock_timeout = '2s'");
        LaneBatch batch =
                stand.batch(
                        "r1",
                        200,
                        new ChangeSet()
                                .update(item, "1", "1", "a", "2")
                                .update(item, "1", "2", "b", "2"));
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (PostgresTargetSession session = stand.open("s2");
                Connection local = ApplyStand.SERVER.connect(stand.database)) {
            session.setLockTimeout("1min");
            local.createStatement().execute("SET deadlock_timeout = '1h'");
            local.setAutoCommit(false);
            local.createStatement().execute("UPDATE item SET qty = 9 WHERE id = 2");
            Future<ApplyResult> apply = other.submit(() -> session.apply(List.of(batch)));
            String waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted";
            Await.until(waiting, () -> stand.value(waiting), "1"::equals);

            local.createStatement().execute("UPDATE item SET qty = 9 WHERE id = 1");

            assertThatThrownBy(apply::get)
                    .cause()
                    .asInstanceOf(type(ApplyException.class))
                    .returns(Kind.RETRY_LANE, ApplyException::kind)
                    .returns("40P01", ApplyException::sqlState);
            local.rollback();
            assertThat(session.apply(List.of(batch))).isEqualTo(new ApplyResult(2, 0, 0));
        } finally {
            other.shutdownNow();
        }
    }

    @Test
    void classifiesWhatRefusesAConnection() {
        TargetConfig away = target("jdbc:postgresql://localhost:1/none", "postgres");
        TargetConfig unknown = target(ApplyStand.SERVER.url("no_such"), "postgres");

        failure(() -> new PostgresTargets().open(away, ApplyStand.tenancy("t", null), "s"))
                .returns(Kind.RETRY_TARGET, ApplyException::kind)
                .returns(ErrorCode.TARGET_UNREACHABLE, ApplyException::code);
        failure(() -> new PostgresTargets().open(unknown, ApplyStand.tenancy("t", null), "s"))
                .returns(Kind.REJECTED, ApplyException::kind)
                .returns(ErrorCode.TARGET_NOT_READY, ApplyException::code);
    }

    /** A role without superuser, with the grants that we ask for, can do all but origins. */
    @Test
    void worksWithGrantsInsteadOfSuperuser() throws Exception {
        String role = "applier_" + stand.database;
        TargetConfig target = target(ApplyStand.SERVER.url(stand.database), role);
        stand.execute("CREATE ROLE " + role + " LOGIN");
        failure(
                        () ->
                                new PostgresTargets()
                                        .open(target, ApplyStand.tenancy("tenant_id", null), "u"))
                .returns(ErrorCode.TARGET_NOT_READY, ApplyException::code)
                .satisfies(
                        e ->
                                assertThat(e.getMessage())
                                        .contains(
                                                "GRANT SET ON PARAMETER session_replication_role TO "
                                                        + role));
        stand.execute("GRANT SET ON PARAMETER session_replication_role TO " + role);
        stand.execute("GRANT USAGE ON SCHEMA heliosdb TO " + role);
        stand.execute(
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA heliosdb TO " + role);
        LaneBatch batch = stand.batch("r1", 100, new ChangeSet().insert(item, "1", "1", "a", "1"));
        try (PostgresTargetSession session =
                new PostgresTargets()
                        .openSession(target, ApplyStand.tenancy("tenant_id", null), "u")) {
            assertThat(session.originAvailable()).isFalse();
            failure(() -> session.apply(List.of(batch)))
                    .returns(Kind.REJECTED, ApplyException::kind)
                    .returns(ErrorCode.TARGET_NOT_READY, ApplyException::code);
            stand.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON item TO " + role);
            assertThat(session.apply(List.of(batch)).rows()).isEqualTo(1);
        }
    }

    @Test
    void isBrokenWhenTheServerEndsTheSession() {
        LaneBatch batch = stand.batch("r1", 100, new ChangeSet().insert(item, "1", "1", "a", "1"));
        stand.rows(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()"
                        + " AND pid <> pg_backend_pid()");

        failure(() -> stand.apply(batch)).returns(Kind.RETRY_TARGET, ApplyException::kind);
    }

    private static TargetConfig target(String url, String user) {
        return new TargetConfig("target", new DatabaseConfig(url, user, Secret.EMPTY), 1);
    }
}
