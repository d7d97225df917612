package io.heliosdb.replication.core.preflight;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that preflight found, in an order in which the statements can be run: a replica identity
 * comes before the publication that depends on it.
 */
public record PreflightReport(List<Finding> findings) {

    public PreflightReport {
        findings = List.copyOf(findings);
    }

    public boolean hasErrors() {
        return count(Severity.ERROR) > 0;
    }

    /** Whether a database could not be reached, so that not everything was checked. */
    public boolean hasUnreachable() {
        return findings.stream().anyMatch(Finding::isUnreachable);
    }

    public long count(Severity severity) {
        return findings.stream().filter(it -> it.severity() == severity).count();
    }

    /** The last line of {@link #render}. */
    public String verdict() {
        List<String> counts = new ArrayList<>();
        for (Severity severity : List.of(Severity.ERROR, Severity.WARNING)) {
            long count = count(severity);
            if (count > 0) {
                counts.add(
                        count
                                + (severity == Severity.ERROR ? " error" : " warning")
                                + (count == 1 ? "" : "s"));
            }
        }
        String found = counts.isEmpty() ? "" : ": " + String.join(", ", counts);
        if (hasUnreachable()) {
            return "not ready" + found + "; not everything could be reached and checked";
        }
        return (hasErrors() ? "not ready" : "ready") + found;
    }

    /** Text for a terminal: findings by subject, each with its statements, and the verdict. */
    public String render() {
        Map<String, List<Finding>> bySubject = new LinkedHashMap<>();
        findings.forEach(
                it -> bySubject.computeIfAbsent(it.subject(), key -> new ArrayList<>()).add(it));
        StringBuilder text = new StringBuilder();
        bySubject.forEach(
                (subject, itsFindings) -> {
                    text.append(subject).append('\n');
                    itsFindings.forEach(it -> render(it, text));
                    text.append('\n');
                });
        if (findings.stream().anyMatch(it -> !it.fixSql().isEmpty())) {
            text.append("Run the statements from top to bottom, one by one.\n");
        }
        return text.append(verdict()).append('\n').toString();
    }

    private static void render(Finding finding, StringBuilder text) {
        text.append(String.format("  %-8s", finding.severity()))
                .append(finding.message().replace("\n", "\n          "))
                .append('\n');
        for (String statement : finding.fixSql()) {
            text.append("              ")
                    .append(statement.replace("\n", "\n              "))
                    .append('\n');
        }
    }
}
