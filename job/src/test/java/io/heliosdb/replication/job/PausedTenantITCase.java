package io.heliosdb.replication.job;

import static io.heliosdb.replication.job.Stand.awaitState;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.secret.AeadKeys;
import io.heliosdb.replication.core.verify.Outcome;
import io.heliosdb.replication.core.verify.VerifyListener;
import io.heliosdb.replication.core.verify.VerifyOptions;
import io.heliosdb.replication.core.verify.VerifyReport;
import io.heliosdb.replication.core.verify.VerifyText;
import io.heliosdb.replication.core.verify.postgres.Verifier;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.Pace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A tenant that is paused under load waits in state, compressed and encrypted: not in the source's
 * slot, not on the heap. Then it drains in order. The job is killed with -9 in both.
 *
 * <p>The full form pauses for {@code heliosdb.seconds} (600).
 */
class PausedTenantITCase extends JobStand {

    private static final int ROWS_PER_SECOND = 5_000;
    private static final int PER_TRANSACTION = 500;
    private static final int INSERTS = 450;
    private static final Duration LOAD =
            Duration.ofSeconds(Soak.times(8, Integer.getInteger("heliosdb.seconds", 600)));

    /** What waited for so long takes its time. */
    private static final Duration PATIENCE = Stand.PATIENCE.plus(LOAD);

    private static final long MIB = 1 << 20;
    private static final Pattern HEAP_AFTER = Pattern.compile("->(\\d+)M\\(");

    private static final String CREATE =
            """
            CREATE TABLE event (
                tenant_id text NOT NULL, id bigint NOT NULL, at timestamptz NOT NULL,
                kind text NOT NULL, status text NOT NULL, amount numeric(12, 2), actor uuid,
                note text, PRIMARY KEY (tenant_id, id))
            """;

    private static final String WRITE =
            """
            INSERT INTO event
            SELECT 'paused', g, clock_timestamp() - random() * interval '1 second',
                   (ARRAY['view', 'click', 'order', 'refund'])[1 + (random() * 3)::int], 'new',
                   (random() * 1000)::numeric(12, 2), gen_random_uuid(),
                   'order ' || g || ' of customer ' || (random() * 5000)::int
            FROM generate_series(%1$d + 1, %1$d + %2$d) g;
            UPDATE event SET status = 'done'
            WHERE tenant_id = 'paused' AND id IN (SELECT (random() * %1$d)::int
                                                  FROM generate_series(1, %3$d))
            """;

    private volatile long written;
    private volatile long transactions;

    private void write(BooleanSupplier over) throws Exception {
        Pace pace = new Pace(Duration.ofMillis(1000L * PER_TRANSACTION / ROWS_PER_SECOND));
        try (Connection connection = sourceServer.connect(stand.source);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            while (!over.getAsBoolean()) {
                statement.execute(WRITE.formatted(written, INSERTS, PER_TRANSACTION - INSERTS));
                connection.commit();
                written = written + INSERTS;
                transactions = transactions + 1;
                pace.keepUp();
            }
        }
    }

    @Test
    void waitsInStateAndDrainsInOrder_R21() throws Exception {
        AeadKeys.generate().writeNew(directory.resolve("master.json"));
        stand.onSource(CREATE, "CREATE PUBLICATION helios FOR TABLE event");
        stand.onSource(
                "INSERT INTO event (tenant_id, id, at, kind, status)"
                        + " VALUES ('other', 1, now(), 'view', 'new')");
        stand.replicate("paused", "paused", "main")
                .replicate("other", "other", "main")
                .backlogMemory(Soak.times(2, 16) + "MiB")
                .checkpointInterval(Soak.times(1, 5) + "s")
                .job("encryption: {master-keys: master.json}")
                .write();
        start();
        awaitState(targetServer, target, "paused", "STREAMING");
        awaitState(targetServer, target, "other", "STREAMING");
        stand.replicate("paused", "paused", "main", "paused: true").write();
        awaitState(targetServer, target, "paused", "PAUSED");
        long before = checkpointBytes();
        List<String> samples = new ArrayList<>();
        try (Load writer = Load.start("writer", this::write)) {
            pass(LOAD.dividedBy(2), samples);
            stand.killProcess();
            start();
            pass(LOAD.dividedBy(2), samples);
            writer.stop();
        }
        awaitSlotBeyondNow();
        Waiting waiting =
                Await.until(
                        () -> "all to wait",
                        PATIENCE,
                        this::waiting,
                        it -> it.transactions >= transactions);
        long grown = awaitCheckpointOf(waiting) - before;
        samples.forEach(line -> say("%s", line));
        say(
                "%d s of load: %,d rows wait, %.1f MB raw, %.1f MB in state (%.1f times smaller);"
                        + " checkpoint grew by %.1f MB",
                LOAD.toSeconds(),
                waiting.rows,
                waiting.bytes / 1e6,
                waiting.storedBytes / 1e6,
                waiting.bytes / (double) waiting.storedBytes,
                grown / 1e6);
        assertThat(waiting.storedBytes).isLessThan(waiting.bytes / 3);
        assertThat(grown).isLessThan(waiting.storedBytes * 3 / 2 + 4 * MIB);
        assertThat(count("paused")).isZero();

        drain();
        long heap = livingHeapMegabytes();
        say("at most %d MB live on the heap", heap);
        assertThat(heap).isLessThan(200);
        stand.awaitSame(
                PATIENCE,
                targetServer,
                target,
                "SELECT tenant_id, count(*), sum(id) FROM event GROUP BY 1 ORDER BY 1");
        awaitState(targetServer, target, "paused", "STREAMING");
        VerifyReport report =
                new Verifier(stand.config(), VerifyOptions.DEFAULT.withTimeout(PATIENCE))
                        .run(Optional.empty(), VerifyListener.SILENT);
        assertThat(report.verdict()).as(VerifyText.render(report)).isEqualTo(Outcome.EQUAL);
        say("verify: %,d rows equal", report.rows());
    }

    private void start() {
        stand.startProcess(
                "-Xmx512m",
                "-XX:+ExitOnOutOfMemoryError",
                "-Xlog:gc:file=" + directory.resolve("gc-%p.log"));
    }

    /** Every look finds a prefix of what was written, in whole transactions. */
    private void drain() {
        stand.replicate("paused", "paused", "main").write();
        long begin = System.nanoTime();
        boolean killed = false;
        long looks = 0;
        long most = written;
        for (long found = 0; found < most; looks++) {
            long now = count("paused");
            assertThat(now).as("rows, which never go away").isGreaterThanOrEqualTo(found);
            found = now;
            assertThat(System.nanoTime() - begin)
                    .as("time to drain, at " + found)
                    .isLessThan(PATIENCE.toNanos());
            if (!killed && found > most / 4) {
                killed = true;
                stand.killProcess();
                start();
            }
        }
        say(
                "%,d rows drained in %.1f s, %d looks, each a whole prefix; killed in the middle: %s",
                most, (System.nanoTime() - begin) / 1e9, looks, killed);
    }

    /** The number of rows; fails unless they are the first so many, in whole transactions. */
    private long count(String tenant) {
        String[] found =
                targetServer
                        .rows(
                                target,
                                "SELECT count(*), coalesce(max(id), 0) FROM event WHERE tenant_id = '"
                                        + tenant
                                        + "'")
                        .get(0)
                        .split("\\|");
        long count = Long.parseLong(found[0]);
        assertThat(Long.parseLong(found[1])).as("greatest id of " + count).isEqualTo(count);
        assertThat(count % INSERTS).as("part of a transaction").isZero();
        return count;
    }

    private record Waiting(long transactions, long rows, long bytes, long storedBytes) {}

    private Waiting waiting() {
        String[] found =
                targetServer
                        .rows(
                                target,
                                "SELECT backlog_transactions, coalesce(backlog_rows, 0), backlog_bytes, coalesce(backlog_stored_bytes, 0)"
                                        + " FROM heliosdb.replication_progress WHERE replication_id = 'paused'")
                        .get(0)
                        .split("\\|");
        return new Waiting(
                Long.parseLong(found[0]),
                Long.parseLong(found[1]),
                Long.parseLong(found[2]),
                Long.parseLong(found[3]));
    }

    /** Lets the load go on; the slot must move all the time. */
    private void pass(Duration duration, List<String> samples) {
        Pace pace = new Pace(Duration.ofMillis(500));
        long begin = System.nanoTime();
        long moved = begin;
        long said = begin;
        String last = slot("confirmed_flush_lsn");
        for (long now = begin; now - begin < duration.toNanos(); now = System.nanoTime()) {
            pace.beat();
            String confirmed = slot("confirmed_flush_lsn");
            if (!confirmed.equals(last)) {
                last = confirmed;
                moved = now;
            }
            assertThat(Duration.ofNanos(now - moved))
                    .as("the slot stands at " + last)
                    .isLessThan(Duration.ofSeconds(Soak.times(20, 40)));
            if (now - said > duration.toNanos() / 5) {
                said = now;
                Waiting waiting = waiting();
                samples.add(
                        String.format(
                                Locale.ROOT,
                                "%,d rows wait, %.1f MB raw, %.1f MB in state; checkpoints %.1f MB;"
                                        + " slot %s bytes behind the WAL",
                                waiting.rows,
                                waiting.bytes / 1e6,
                                waiting.storedBytes / 1e6,
                                checkpointBytes() / 1e6,
                                slot("pg_current_wal_lsn() - confirmed_flush_lsn")));
            }
        }
    }

    private void awaitSlotBeyondNow() {
        String now = sourceServer.rows(stand.source, "SELECT pg_current_wal_lsn()").get(0);
        Await.until(
                () -> "the slot to pass " + now,
                Duration.ofSeconds(40),
                () -> slot("confirmed_flush_lsn >= '" + now + "'"),
                "t"::equals);
    }

    private String slot(String column) {
        String where = " FROM pg_replication_slots WHERE slot_name = 'slot_" + stand.source + "'";
        return sourceServer.rows(stand.source, "SELECT " + column + where).get(0);
    }

    /** The size of the checkpoints once they hold what waits. */
    private long awaitCheckpointOf(Waiting waiting) {
        return Await.until(
                () -> "a checkpoint of " + waiting,
                Duration.ofSeconds(40),
                this::checkpointBytes,
                bytes -> bytes > waiting.storedBytes * 9 / 10);
    }

    private long checkpointBytes() {
        Path checkpoints = directory.resolve("checkpoints");
        if (!Files.exists(checkpoints)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(checkpoints)) {
            return files.filter(Files::isRegularFile).mapToLong(PausedTenantITCase::size).sum();
        } catch (IOException | UncheckedIOException e) {
            // A checkpoint is subsumed meanwhile.
            return checkpointBytes();
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What lives: young collections leave garbage of the old generation, so of each life of the job
     * the least that was left counts, late in it.
     */
    private long livingHeapMegabytes() throws IOException {
        long most = 0;
        try (Stream<Path> logs = Files.list(directory)) {
            for (Path log : logs.filter(it -> it.toString().contains("gc-")).toList()) {
                List<Long> left = new ArrayList<>();
                for (String line : Files.readAllLines(log)) {
                    Matcher found = HEAP_AFTER.matcher(line);
                    if (found.find()) {
                        left.add(Long.parseLong(found.group(1)));
                    }
                }
                most =
                        Math.max(
                                most,
                                left.stream()
                                        .skip(left.size() * 2L / 3)
                                        .mapToLong(Long::longValue)
                                        .min()
                                        .orElse(0));
            }
        }
        return most;
    }

    private static void say(String format, Object... values) {
        System.out.printf(Locale.ROOT, "paused: " + format + "%n", values);
    }
}
