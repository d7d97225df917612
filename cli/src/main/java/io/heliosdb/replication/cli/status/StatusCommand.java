package io.heliosdb.replication.cli.status;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.heliosdb.replication.cli.ConfigOption;
import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.cli.status.postgres.StatusReader;
import io.heliosdb.replication.cli.terminal.Quantity;
import io.heliosdb.replication.cli.terminal.Screen;
import io.heliosdb.replication.cli.terminal.TextTable;
import io.heliosdb.replication.core.polling.Polling;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** State, progress and lag per replication, read from the targets: also while the job is down. */
@Command(
        name = "status",
        description = {
            "Shows state, progress and lag of every replication of the file, read from the targets:"
                    + " also while the job is down.",
            "Exits with 1 if a replication is in error, 3 if a database cannot be reached."
        },
        mixinStandardHelpOptions = true)
public final class StatusCommand implements Callable<Integer> {

    private static final Duration REFRESH = Duration.ofSeconds(1);

    /** An idle replication writes about once a second; this is far above any hiccup. */
    private static final long STALE_MS = 30_000;

    @Mixin private ConfigOption config = new ConfigOption();
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Option(names = "--watch", description = "Shows it again every second, until Ctrl-C.")
    private boolean watch;

    @Override
    public Integer call() throws InterruptedException, JsonProcessingException {
        PrintWriter out = spec.commandLine().getOut();
        Screen screen = Screen.of(out);
        try (StatusReader reader = new StatusReader(config.read())) {
            StatusReport report = reader.read();
            Polling refresh = Polling.every(REFRESH);
            while (true) {
                screen.draw(json ? List.of(json(report)) : text(report));
                if (!watch) {
                    return exitCode(report);
                }
                refresh.again();
                report = reader.read();
            }
        }
    }

    private static int exitCode(StatusReport report) {
        if (report.anythingUnreachable()) {
            return ExitCode.UNREACHABLE;
        }
        return report.anythingInError() ? ExitCode.FINDING : ExitCode.OK;
    }

    private String json(StatusReport report) throws JsonProcessingException {
        ObjectMapper mapper = new ObjectMapper();
        return (watch ? mapper : mapper.enable(SerializationFeature.INDENT_OUTPUT))
                .writeValueAsString(report);
    }

    static List<String> text(StatusReport report) {
        TextTable table =
                new TextTable(
                        3,
                        "replication",
                        "target",
                        "state",
                        "lag ms",
                        "lag",
                        "applied",
                        "copied",
                        "backlog",
                        "position");
        List<String> notes = new ArrayList<>();
        for (ReplicationStatus status : report.replications()) {
            table.row(
                    status.replication(),
                    status.target(),
                    status.state(),
                    Quantity.count(status.lagMs()),
                    Quantity.bytes(status.lagBytes()),
                    Quantity.count(status.rowsApplied()),
                    copied(status),
                    backlog(status),
                    status.position() == null ? ReplicationStatus.UNKNOWN : status.position());
            note(status).ifPresent(note -> notes.add(status.replication() + ": " + note));
        }
        List<String> lines = new ArrayList<>(table.lines());
        lines.addAll(notes);
        if (!report.tiers().isEmpty()) {
            lines.add("");
            lines.addAll(tiers(report.tiers()));
        }
        if (report.sourceUnreachable() != null) {
            lines.add("source unreachable, so lag is unknown: " + report.sourceUnreachable());
        }
        return lines;
    }

    private static List<String> tiers(List<TierStatus> tiers) {
        TextTable table =
                new TextTable(
                        1,
                        "tier",
                        "replications",
                        "late",
                        "violations",
                        "lag ms p50",
                        "p99",
                        "worst",
                        "backlog rows",
                        "backlog");
        for (TierStatus tier : tiers) {
            table.row(
                    tier.tier(),
                    Quantity.count(tier.replications()),
                    Quantity.count(tier.late()),
                    Quantity.count(tier.violations()),
                    Quantity.count(tier.lagP50Ms()),
                    Quantity.count(tier.lagP99Ms()),
                    Quantity.count(tier.lagWorstMs()),
                    Quantity.count(tier.backlogRows()),
                    Quantity.bytes(tier.backlogBytes()));
        }
        return table.lines();
    }

    private static Optional<String> note(ReplicationStatus status) {
        String error = status.error() == null ? "" : status.error() + " ";
        if (status.reason() != null) {
            return Optional.of(error + status.reason());
        }
        Long ago = status.updatedMsAgo();
        return ago != null && ago > STALE_MS
                ? Optional.of("last written " + ago / 1000 + " s ago: is the job running?")
                : Optional.empty();
    }

    private static String copied(ReplicationStatus status) {
        @Nullable Long estimated = status.rowsEstimated();
        String copied = Quantity.count(status.rowsCopied());
        return status.state().equals("syncing") && estimated != null && estimated > 0
                ? copied + "/~" + Quantity.count(estimated)
                : copied;
    }

    private static String backlog(ReplicationStatus status) {
        if (status.backlogTransactions() == null) {
            return ReplicationStatus.UNKNOWN;
        }
        String all =
                Quantity.count(status.backlogTransactions())
                        + " tx/"
                        + Quantity.bytes(status.backlogBytes());
        Long stored = status.backlogStoredBytes();
        return stored == null || stored == 0 ? all : all + " in " + Quantity.bytes(stored);
    }
}
