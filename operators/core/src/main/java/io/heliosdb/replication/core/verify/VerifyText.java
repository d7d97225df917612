package io.heliosdb.replication.core.verify;

import java.util.Locale;

/** A report as text: equal replications in one line each, the others with all that is known. */
public final class VerifyText {

    private VerifyText() {}

    /** Lines end with a newline; the last one is the verdict. */
    public static String render(VerifyReport report) {
        StringBuilder text = new StringBuilder();
        for (ReplicationResult replication : report.replications()) {
            append(text, replication);
        }
        for (ForeignRows foreign : report.foreignRows()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "foreign rows: target %s, table %s: %,d rows of %d tenants that are not"
                                    + " replicated there, e.g. '%s'%n",
                            foreign.target(),
                            foreign.table(),
                            foreign.rows(),
                            foreign.tenants(),
                            foreign.exampleTenant()));
        }
        return text.append(verdict(report)).append(System.lineSeparator()).toString();
    }

    /** One line. */
    public static String verdict(VerifyReport report) {
        if (report.replications().isEmpty() && report.foreignRows().isEmpty()) {
            return "nothing to compare: no replication has started, no tenant was found";
        }
        return String.format(
                Locale.ROOT,
                "%s: %d replications equal, %d different, %d behind, %d unreachable; %,d rows at"
                        + " source position %s in %.1f s",
                name(report.verdict()),
                report.count(Outcome.EQUAL),
                report.count(Outcome.DIFFERENT),
                report.count(Outcome.BEHIND),
                report.count(Outcome.UNREACHABLE),
                report.rows(),
                report.sourcePosition(),
                report.duration().toMillis() / 1000.0);
    }

    private static void append(StringBuilder text, ReplicationResult replication) {
        text.append(
                String.format(
                        Locale.ROOT,
                        "%-11s %s (tenant %s to %s) at %s%s%n",
                        name(replication.outcome()),
                        replication.replication(),
                        replication.tenant(),
                        replication.target(),
                        replication.position() == null ? "no position" : replication.position(),
                        replication.reason() == null ? "" : ": " + replication.reason()));
        for (TableResult table : replication.tables()) {
            if (table.outcome() != Outcome.EQUAL || !table.notes().isEmpty()) {
                append(text, table);
            }
        }
    }

    private static void append(StringBuilder text, TableResult table) {
        text.append(
                String.format(
                        Locale.ROOT,
                        "  %-9s %s: %,d rows at the source, %,d in the target%n",
                        name(table.outcome()),
                        table.table(),
                        table.sourceRows(),
                        table.targetRows()));
        table.notes().forEach(note -> text.append(String.format("    %s%n", note)));
        table.differences().forEach(each -> text.append(String.format("    %s%n", each)));
        if (table.moreDifferences()) {
            text.append(String.format("    … and more%n"));
        }
    }

    private static String name(Outcome outcome) {
        return outcome.name().toLowerCase(Locale.ROOT);
    }
}
