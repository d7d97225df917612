package io.heliosdb.replication.job;

import static io.heliosdb.replication.job.Stand.awaitState;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.verify.Outcome;
import io.heliosdb.replication.core.verify.VerifyListener;
import io.heliosdb.replication.core.verify.VerifyReport;
import io.heliosdb.replication.core.verify.VerifyText;
import io.heliosdb.replication.core.verify.postgres.Verifier;
import io.heliosdb.replication.job.Arrivals.Latency;
import io.heliosdb.replication.job.Trouble.Ill;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.Pace;
import io.heliosdb.replication.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A target in trouble holds up its own replications only: not those of other targets, not the slot,
 * not the heap.
 */
class IsolationITCase extends JobStand {

    private static final Duration CONFIRM_PATIENCE = Duration.ofSeconds(20);
    private static final Pattern HEAP_AFTER = Pattern.compile("->(\\d+)M\\(");

    /** The figures are those of issue 2; the short form sees gross faults only. */
    @Test
    void aTargetThatIsDownHurtsNobodyElseNorTheSlot_R21() throws Exception {
        Path data = directory.resolve("third");
        PostgresServer third = PostgresServer.start(Map.of(), 0, data);
        int port = third.port();
        try {
            SteadyWrites writes = writes("one", "two", "three");
            String second = stand.target("second", targetServer);
            String thirdDatabase = stand.target("third", third);
            stand.replicate("one", "one", "main")
                    .replicate("two", "two", "second")
                    .replicate("three", "three", "third")
                    .backlogMemory(Soak.times(1, 16) + "MiB")
                    .write();
            Path gc = directory.resolve("gc.log");
            stand.startProcess("-Xmx512m", "-XX:+ExitOnOutOfMemoryError", "-Xlog:gc:file=" + gc);
            awaitState(targetServer, target, "one", "STREAMING");
            awaitState(targetServer, second, "two", "STREAMING");
            awaitState(third, thirdDatabase, "three", "STREAMING");
            List<String> starts = starts(target, second);
            Arrivals one = new Arrivals(writes, targetServer, target, "one");
            Arrivals two = new Arrivals(writes, targetServer, second, "two");
            try (Load writer = Load.start("writer", writes::write);
                    Load firstPoller = Load.start("first poller", one::watch);
                    Load secondPoller = Load.start("second poller", two::watch)) {
                pass(Duration.ofSeconds(Soak.times(5, 30)));
                latency(one, two);

                pass(Duration.ofSeconds(Soak.times(5, 60)));
                Latency normal = latency(one, two);

                third.close();
                SlotMoves slot = pass(Duration.ofSeconds(Soak.times(10, 300)));
                Latency outage = latency(one, two);
                awaitSlotBeyondNow();
                assertThat(stand.processLives()).as("the job's process lives").isTrue();
                assertThat(starts(target, second)).as("starts of the job").isEqualTo(starts);
                int missed = writes.last();

                third = PostgresServer.start(Map.of(), port, data);
                long begin = System.nanoTime();
                int before = newest(third, thirdDatabase);
                Await.until(
                        () -> "the backlog to drain to " + missed,
                        Duration.ofMinutes(5),
                        drained(third, thirdDatabase),
                        newest -> newest >= missed);
                double drain = (System.nanoTime() - begin) / 1e9;
                Latency after = latency(one, two);
                say("normal: %s", normal);
                say("one of three targets down: %s", outage);
                say("p99 is %.2f times the normal one", outage.p99Millis() / normal.p99Millis());
                say("slot: %s", slot);
                say(
                        "it is back: %d transactions drained in %.1f s; the others meanwhile: %s",
                        missed - before, drain, after);
                say("heap after collections at most %d MB", heapAfterCollectionsMegabytes(gc));
                assertThat(slot.moves).as("moves of the slot").isGreaterThan(3);
                assertThat(slot.longestPause).isLessThan(CONFIRM_PATIENCE);
                assertThat(outage.p99Millis())
                        .as("p99 of the others, ms; normal: " + normal)
                        .isLessThan(
                                Soak.times(
                                        1000,
                                        Math.max(25, (int) Math.ceil(2 * normal.p99Millis()))));
                writer.stop();
                firstPoller.stop();
                secondPoller.stop();
            }
            awaitSame(targetServer, target, "one");
            awaitSame(targetServer, second, "two");
            awaitSame(third, thirdDatabase, "three");
            awaitState(targetServer, target, "one", "STREAMING");
            awaitState(targetServer, second, "two", "STREAMING");
            awaitState(third, thirdDatabase, "three", "STREAMING");
            assertThat(starts(target, second)).as("starts of the job").isEqualTo(starts);
            verifySaysEqual();
        } finally {
            third.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTargetInTroubleHurtsNobodyElseNorTheSlot_R21(Trouble trouble) throws Exception {
        SteadyWrites writes = writes("well", "ill");
        String second = stand.target("second", targetServer);
        stand.replicate("well", "well", "main").replicate("ill", "ill", "second").write();
        stand.start();
        awaitState(targetServer, target, "well", "STREAMING");
        awaitState(targetServer, second, "ill", "STREAMING");
        Ill ill = new Ill(targetServer, second, writes);
        Arrivals well = new Arrivals(writes, targetServer, target, "well");
        try (Load writer = Load.start("writer", writes::write);
                Load poller = Load.start("poller", well::watch)) {
            pass(Duration.ofSeconds(2));
            Latency normal = latency(well);
            Trouble.Ending ending = trouble.begin(ill);
            try {
                trouble.awaitEffect(ill);
                SlotMoves slot = pass(Duration.ofSeconds(2));
                awaitSlotBeyondNow();
                Latency meanwhile = latency(well);
                say("%s: normal: %s; meanwhile: %s; slot: %s", trouble, normal, meanwhile, slot);
                assertThat(meanwhile.p99()).as("p99 of others").isLessThan(Duration.ofSeconds(2));
            } finally {
                ending.close();
            }
            if (trouble.stopsTheReplication()) {
                stand.replicate("ill", "ill", "second", "priority: 60").write();
            }
            pass(Duration.ofSeconds(1));
            writer.stop();
            poller.stop();
        }
        awaitSame(targetServer, target, "well");
        awaitSame(targetServer, second, "ill");
        awaitState(targetServer, target, "well", "STREAMING");
        awaitState(targetServer, second, "ill", "STREAMING");
        verifySaysEqual();
    }

    private SteadyWrites writes(String... tenants) {
        return new SteadyWrites(sourceServer, stand.source, List.of(tenants));
    }

    /** How the slot's confirmed position moved. */
    private record SlotMoves(int moves, Duration longestPause) {

        @Override
        public String toString() {
            return moves + " moves, longest pause " + longestPause.toMillis() + " ms";
        }
    }

    /** Lets the load go on for a while. */
    private SlotMoves pass(Duration duration) {
        Pace pace = new Pace(Duration.ofMillis(200));
        long begin = System.nanoTime();
        long moved = begin;
        long longest = 0;
        int moves = 0;
        String last = slot("confirmed_flush_lsn");
        for (long now = begin; now - begin < duration.toNanos(); now = System.nanoTime()) {
            pace.beat();
            String confirmed = slot("confirmed_flush_lsn");
            longest = Math.max(longest, System.nanoTime() - moved);
            if (!confirmed.equals(last)) {
                last = confirmed;
                moved = System.nanoTime();
                moves++;
            }
        }
        return new SlotMoves(moves, Duration.ofNanos(longest));
    }

    /** All that is committed by now needs no slot any more, applied or not. */
    private void awaitSlotBeyondNow() {
        String now = sourceServer.rows(stand.source, "SELECT pg_current_wal_lsn()").get(0);
        Await.until(
                () -> "the slot to pass " + now,
                CONFIRM_PATIENCE,
                () -> slot("confirmed_flush_lsn >= '" + now + "'"),
                "t"::equals);
    }

    private String slot(String column) {
        String where = " FROM pg_replication_slots WHERE slot_name = 'slot_" + stand.source + "'";
        return sourceServer.rows(stand.source, "SELECT " + column + where).get(0);
    }

    /** Of all rows up to now. */
    private static Latency latency(Arrivals... all) {
        return Latency.of(
                Stream.of(all)
                        .peek(Arrivals::awaitAll)
                        .flatMap(arrivals -> arrivals.takeNanos().stream())
                        .toList());
    }

    /** Changes whenever the job starts again. */
    private static List<String> starts(String... databases) {
        return Stream.of(databases)
                .flatMap(
                        database ->
                                targetServer
                                        .rows(
                                                database,
                                                "SELECT epoch FROM heliosdb.replication_progress")
                                        .stream())
                .toList();
    }

    private static int newest(PostgresServer server, String database) {
        return Integer.parseInt(server.rows(database, "SELECT max(id) FROM public.doc").get(0));
    }

    private static Await.Look<Integer> drained(PostgresServer server, String database) {
        return () -> newest(server, database);
    }

    private void awaitSame(PostgresServer server, String database, String tenant) {
        String query = "SELECT id, md5(v) FROM public.doc WHERE tenant_id = '%s' ORDER BY id";
        stand.awaitSame(server, database, query.formatted(tenant));
    }

    private void verifySaysEqual() {
        VerifyReport report =
                new Verifier(stand.config()).run(Optional.empty(), VerifyListener.SILENT);
        assertThat(report.verdict()).as(VerifyText.render(report)).isEqualTo(Outcome.EQUAL);
        assertThat(report.rows()).isPositive();
    }

    private static long heapAfterCollectionsMegabytes(Path log) throws IOException {
        return Files.readAllLines(log).stream()
                .map(HEAP_AFTER::matcher)
                .filter(Matcher::find)
                .mapToLong(found -> Long.parseLong(found.group(1)))
                .max()
                .orElse(0);
    }

    private static void say(String format, Object... values) {
        System.out.printf(Locale.ROOT, "isolation: " + format + "%n", values);
    }
}
