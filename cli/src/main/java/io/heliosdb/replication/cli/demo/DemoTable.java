package io.heliosdb.replication.cli.demo;

import io.heliosdb.replication.cli.status.ReplicationStatus;
import io.heliosdb.replication.cli.terminal.Quantity;
import io.heliosdb.replication.cli.terminal.TextTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the demo shows while it runs; remembers the last reading for rates. */
final class DemoTable {

    private static final int MOST_ROWS = 22;

    private final Map<String, Long> appliedBefore = new HashMap<>();
    private long readBeforeNanos;
    private long transactionsBefore;

    /**
     * The lines for a terminal.
     *
     * @param transactions of the workload so far
     */
    List<String> lines(
            List<ReplicationStatus> statuses, long transactions, long elapsedSeconds, long now) {
        double seconds = readBeforeNanos == 0 ? 0 : (now - readBeforeNanos) / 1e9;
        TextTable table =
                new TextTable(2, "tenant", "state", "copied", "rows/s", "lag ms", "backlog");
        double totalRate = 0;
        List<ReplicationStatus> shown = new ArrayList<>(statuses);
        shown.sort(Comparator.comparing(ReplicationStatus::tenant));
        Map<String, Double> rates = new HashMap<>();
        for (ReplicationStatus status : statuses) {
            double rate = rate(status, seconds);
            rates.put(status.replication(), rate);
            totalRate += rate;
        }
        for (ReplicationStatus status : shown.subList(0, Math.min(MOST_ROWS, shown.size()))) {
            table.row(
                    status.tenant(),
                    status.state(),
                    Quantity.count(status.rowsCopied()),
                    Quantity.count(Math.round(rates.getOrDefault(status.replication(), 0.0))),
                    Quantity.count(status.lagMs()),
                    Quantity.count(status.backlogTransactions()));
        }
        List<String> lines = new ArrayList<>(table.lines());
        if (shown.size() > MOST_ROWS) {
            lines.add("… and " + (shown.size() - MOST_ROWS) + " more");
        }
        long sourceRate =
                seconds == 0 ? 0 : Math.round((transactions - transactionsBefore) / seconds);
        lines.add("");
        lines.add(summary(statuses, sourceRate, Math.round(totalRate), elapsedSeconds));
        statuses.stream()
                .filter(status -> status.reason() != null)
                .limit(5)
                .forEach(
                        status ->
                                lines.add(
                                        status.replication()
                                                + ": "
                                                + Objects.toString(status.error(), "")
                                                + " "
                                                + status.reason()));
        statuses.forEach(
                status -> {
                    Long applied = status.rowsApplied();
                    if (applied != null) {
                        appliedBefore.put(status.replication(), applied);
                    }
                });
        readBeforeNanos = now;
        transactionsBefore = transactions;
        return lines;
    }

    private static String summary(
            List<ReplicationStatus> statuses, long sourceRate, long rate, long elapsedSeconds) {
        Map<String, Integer> states = new TreeMap<>();
        statuses.forEach(status -> states.merge(status.state(), 1, Integer::sum));
        return elapsedSeconds
                + " s  "
                + states
                + "  source "
                + Quantity.count(sourceRate)
                + " tx/s  applied "
                + Quantity.count(rate)
                + " rows/s  copied "
                + Quantity.count(sum(statuses))
                + "  worst lag "
                + Quantity.count(worstLag(statuses))
                + " ms";
    }

    private static long sum(List<ReplicationStatus> statuses) {
        return statuses.stream()
                .map(ReplicationStatus::rowsCopied)
                .filter(Objects::nonNull)
                .mapToLong(Long::longValue)
                .sum();
    }

    /** Unknown if one is unknown. */
    private static @Nullable Long worstLag(List<ReplicationStatus> statuses) {
        long worst = 0;
        for (ReplicationStatus status : statuses) {
            Long lag = status.lagMs();
            if (lag == null) {
                return null;
            }
            worst = Math.max(worst, lag);
        }
        return statuses.isEmpty() ? null : Long.valueOf(worst);
    }

    private double rate(ReplicationStatus status, double seconds) {
        Long applied = status.rowsApplied();
        Long before = appliedBefore.get(status.replication());
        return applied == null || before == null || seconds == 0
                ? 0
                : Math.max(0, applied - before) / seconds;
    }
}
