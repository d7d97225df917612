package io.heliosdb.replication.benchmark;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What {@link Limits} has measured: table, plot and figures, written and printed. */
final class LimitsReport {

    private final LimitsOptions options;
    private final Map<String, LimitsOutcome> outcomes;
    private final List<LimitsPlot.Panel> panels;

    /**
     * @param outcomes by schedule
     */
    LimitsReport(
            LimitsOptions options,
            Map<String, LimitsOutcome> outcomes,
            List<LimitsPlot.Panel> panels) {
        this.options = options;
        this.outcomes = outcomes;
        this.panels = panels;
    }

    void write() throws IOException {
        Files.createDirectories(options.output());
        Files.writeString(options.output().resolve("limits.svg"), LimitsPlot.svg(panels));
        Files.writeString(options.output().resolve("limits.md"), markdown());
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(options.output().resolve("limits.json").toFile(), outcomes);
        System.out.println();
        System.out.print(markdown());
        System.out.println("written to " + options.output());
    }

    private String markdown() {
        StringBuilder text =
                new StringBuilder(
                        String.format(
                                Locale.ROOT,
                                "1 best-effort tenant copies %,d rows in transactions of %,d (%s),"
                                        + " %d premium tenants write %d transactions/s each, %d"
                                        + " standard tenants 1/s each; %d index(es) beside the key at"
                                        + " the target, %s to it.%n%n| | tiers | first come, first served |%n"
                                        + "|---|---:|---:|%n",
                                options.rows(),
                                options.batch(),
                                options.rate() == 0
                                        ? "as fast as it can"
                                        : String.format(Locale.ROOT, "%,d rows/s", options.rate()),
                                options.premium(),
                                options.premiumRate(),
                                options.standard(),
                                options.indexes(),
                                options.bandwidth() == 0
                                        ? "no bound of what may go"
                                        : String.format(
                                                Locale.ROOT,
                                                "at most %,d bytes of changes per second",
                                                options.bandwidth())));
        row(
                text,
                "premium p50 / p99 / worst, ms",
                it ->
                        format(
                                "%.0f / %.0f / %.0f",
                                it.premiumP50(), it.premiumP99(), it.premiumWorst()));
        row(
                text,
                "premium p50 / p99 without the load, ms",
                it -> format("%.1f / %.1f", it.idlePremiumP50(), it.idlePremiumP99()));
        row(
                text,
                "premium p99: ratio to that",
                it -> format("%.0f", it.premiumP99() / it.idlePremiumP99()));
        row(
                text,
                "standard p99 / worst, ms",
                it -> format("%.0f / %.0f", it.standardP99(), it.standardWorst()));
        row(text, "best-effort: worst lag, s", it -> format("%.1f", it.bulkWorst() / 1000));
        row(
                text,
                "load written / visible after, s",
                it -> format("%.1f / %.1f", it.writtenSeconds(), it.drainedSeconds()));
        row(text, "rows/s, all tenants", it -> format("%,.0f", it.rowsPerSecond()));
        row(
                text,
                "not yet sent by the source p50 / worst, KiB",
                it ->
                        format(
                                "%,d / %,d",
                                it.sourceBehindBytesP50() >> 10,
                                it.sourceBehindBytesWorst() >> 10));
        row(text, "peak heap of the job, MiB", it -> format("%d", it.heapPeakBytes() >> 20));
        row(text, "violations counted", it -> it.violations().toString());
        LimitsOutcome tiers = outcomes.get("tiers");
        LimitsOutcome fifo = outcomes.get("fifo");
        if (tiers != null && fifo != null) {
            text.append(
                    format(
                            "%nThroughput with tiers: %.2f of first come, first served.%n",
                            tiers.rowsPerSecond() / fifo.rowsPerSecond()));
        }
        return text.toString();
    }

    private interface Cell {
        String of(LimitsOutcome outcome);
    }

    private void row(StringBuilder text, String name, Cell cell) {
        text.append("| ").append(name).append(" |");
        for (String schedule : List.of("tiers", "fifo")) {
            LimitsOutcome outcome = outcomes.get(schedule);
            text.append(' ').append(outcome == null ? "" : cell.of(outcome)).append(" |");
        }
        text.append('\n');
    }

    private static String format(String form, Object... values) {
        return String.format(Locale.ROOT, form, values);
    }
}
