package io.heliosdb.replication.cli.demo;

import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.cli.Refusal;
import io.heliosdb.replication.cli.run.StopSignal;
import io.heliosdb.replication.cli.status.ReplicationStatus;
import io.heliosdb.replication.cli.status.postgres.StatusReader;
import io.heliosdb.replication.cli.terminal.Quantity;
import io.heliosdb.replication.cli.terminal.Screen;
import io.heliosdb.replication.core.config.ConfigFile;
import io.heliosdb.replication.core.polling.Polling;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.testkit.saas.SaasWorkload;
import io.heliosdb.replication.testkit.saas.TenantComparison;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One run of the demo, told as a story: replicate, work, catch up, compare. */
final class Demo {

    private static final Duration CATCH_UP_PAUSE = Duration.ofMillis(100);
    private static final Duration CATCH_UP_LIMIT = Duration.ofMinutes(5);
    private static final Duration ON_TERMINAL = Duration.ofSeconds(1);
    private static final Duration ELSEWHERE = Duration.ofSeconds(5);
    private static final int WRITERS = 4;
    private static final long SEED = 20_261_121L;

    private final DemoStand stand;
    private final Screen screen;
    private final StopSignal stop;
    private final LagSamples lags = new LagSamples();
    private final DemoTable table = new DemoTable();
    private final long startedNanos = System.nanoTime();

    Demo(DemoStand stand, PrintWriter talk, StopSignal stop) {
        this.stand = stand;
        this.screen = Screen.of(talk);
        this.stop = stop;
    }

    /**
     * Runs it.
     *
     * @param duration null until a signal comes
     * @return null if a signal came before the duration was over
     */
    @Nullable DemoSummary run(String webPort, int rate, @Nullable Duration duration)
            throws InterruptedException {
        try (DemoControl control =
                DemoControl.start(stand.directory().resolve("control"), webPort)) {
            stand.order(control);
            Path file = stand.writeConfig(control.replications());
            String web = control.awaitJob();
            stand.addresses().forEach(screen::say);
            control.addresses().forEach(screen::say);
            screen.say("status  ./heliosdb-cli status --config " + file);
            screen.say("web UI  " + web);
            screen.say(
                    duration == null
                            ? "users are at work; Ctrl-C ends it and compares"
                            : "users are at work for " + duration.toSeconds() + " s");
            try (StatusReader reader = new StatusReader(ConfigFile.read(file))) {
                return work(control, reader, rate, duration);
            }
        }
    }

    private @Nullable DemoSummary work(
            DemoControl control, StatusReader reader, int rate, @Nullable Duration duration)
            throws InterruptedException {
        SaasWorkload workload = SaasWorkload.start(stand.application(), WRITERS, rate, SEED);
        try (workload) {
            boolean signalled = watch(control, reader, workload, duration);
            if (signalled && duration != null) {
                return null;
            }
        }
        return finish(control, reader, workload);
    }

    /** Shows the table until the time is over (false) or a signal comes (true). */
    private boolean watch(
            DemoControl control,
            StatusReader reader,
            SaasWorkload workload,
            @Nullable Duration duration)
            throws InterruptedException {
        long end = duration == null ? Long.MAX_VALUE : System.nanoTime() + duration.toNanos();
        Duration interval = screen.redraws() ? ON_TERMINAL : ELSEWHERE;
        while (System.nanoTime() < end) {
            long left = end == Long.MAX_VALUE ? Long.MAX_VALUE : end - System.nanoTime();
            Duration pause =
                    left < interval.toNanos() ? Duration.ofNanos(Math.max(0, left)) : interval;
            if (stop.await(pause)) {
                return true;
            }
            control.failIfFailed();
            show(reader, workload);
        }
        return false;
    }

    private List<ReplicationStatus> show(StatusReader reader, SaasWorkload workload) {
        List<ReplicationStatus> statuses = reader.read().replications();
        lags.add(statuses);
        long now = System.nanoTime();
        List<String> lines =
                table.lines(
                        statuses,
                        workload.transactions(),
                        TimeUnit.NANOSECONDS.toSeconds(now - startedNanos),
                        now);
        // Elsewhere than on a terminal the summary is enough; errors stand below it.
        screen.draw(screen.redraws() ? lines : lines.subList(lines.indexOf("") + 1, lines.size()));
        return statuses;
    }

    private DemoSummary finish(DemoControl control, StatusReader reader, SaasWorkload workload)
            throws InterruptedException {
        screen.say("users have stopped; waiting until everything has arrived");
        long began = System.nanoTime();
        Lsn end = Objects.requireNonNull(reader.source().walEnd(), "source must answer");
        boolean caughtUp = awaitCaughtUp(control, reader, end);
        long catchUpMs = caughtUp ? TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began) : -1;
        List<ReplicationStatus> statuses = reader.read().replications();
        TenantComparison.Outcome outcome = stand.compare();
        DemoSummary summary =
                new DemoSummary(
                        outcome.equal() && caughtUp
                                ? DemoSummary.EQUAL
                                : caughtUp ? DemoSummary.DIFFERENT : DemoSummary.BEHIND,
                        statuses.size(),
                        outcome.compared(),
                        outcome.rows(),
                        workload.transactions(),
                        workload.rows(),
                        sum(statuses, ReplicationStatus::rowsCopied),
                        sum(statuses, ReplicationStatus::rowsApplied),
                        lags.percentile(0.5),
                        lags.percentile(0.99),
                        catchUpMs,
                        outcome.differences());
        tell(summary, statuses);
        return summary;
    }

    /** Whether every replication streams and has passed the end of the WAL. */
    private boolean awaitCaughtUp(DemoControl control, StatusReader reader, Lsn end)
            throws InterruptedException {
        Polling polling = Polling.every(CATCH_UP_PAUSE).within(CATCH_UP_LIMIT);
        boolean endedBySignal = stop.isReceived();
        do {
            List<ReplicationStatus> statuses = reader.read().replications();
            if (statuses.size() == stand.replications()
                    && statuses.stream().allMatch(status -> hasPassed(status, end))) {
                return true;
            }
            if (statuses.stream().anyMatch(status -> status.state().equals("error"))) {
                return false;
            }
            control.failIfFailed();
            if (!endedBySignal && stop.isReceived()) {
                throw new Refusal(ExitCode.INTERRUPTED, "interrupted, nothing compared");
            }
        } while (polling.again());
        return false;
    }

    static boolean hasPassed(ReplicationStatus status, Lsn end) {
        String position = status.position();
        return status.state().equals("streaming")
                && position != null
                && Lsn.parse(position.split("\\+")[0]).compareTo(end) >= 0;
    }

    private void tell(DemoSummary summary, List<ReplicationStatus> statuses) {
        screen.say(
                "copied %s rows, applied %s rows of %s transactions; lag p50 %d ms, p99 %d ms; caught up in %d ms"
                        .formatted(
                                Quantity.count(summary.rowsCopied()),
                                Quantity.count(summary.rowsApplied()),
                                Quantity.count(summary.workloadTransactions()),
                                summary.lagP50Ms(),
                                summary.lagP99Ms(),
                                summary.catchUpMs()));
        statuses.stream()
                .filter(status -> status.reason() != null)
                .forEach(
                        status ->
                                screen.say(
                                        status.replication()
                                                + " is "
                                                + status.state()
                                                + ": "
                                                + Objects.toString(status.error(), "")
                                                + " "
                                                + status.reason()));
        summary.differences().stream()
                .limit(20)
                .forEach(
                        difference ->
                                screen.say(
                                        "different: %s of %s: %d rows in the source, %d in the target"
                                                .formatted(
                                                        difference.table(),
                                                        difference.tenant(),
                                                        difference.sourceRows(),
                                                        difference.targetRows())));
        screen.say(
                "verdict: %s (%d tenants, %d tables compared, %s rows)"
                        .formatted(
                                summary.verdict(),
                                summary.replications(),
                                summary.comparedTables(),
                                Quantity.count(summary.comparedRows())));
    }

    private static long sum(
            List<ReplicationStatus> statuses, Function<ReplicationStatus, @Nullable Long> figure) {
        return statuses.stream()
                .map(figure)
                .filter(Objects::nonNull)
                .mapToLong(Long::longValue)
                .sum();
    }
}
