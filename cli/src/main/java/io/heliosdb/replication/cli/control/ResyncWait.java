package io.heliosdb.replication.cli.control;

import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.cli.control.postgres.TargetRows;
import io.heliosdb.replication.core.control.ControlCommand;
import io.heliosdb.replication.core.polling.Polling;
import io.heliosdb.replication.core.progress.ProgressRow;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.TargetConfig;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Waits for the end of a resync that was ordered. */
final class ResyncWait {

    private static final Duration PAUSE = Duration.ofMillis(200);

    private final PipelineConfig config;
    private final List<String> named;
    private final Lsn at;

    ResyncWait(PipelineConfig config, List<String> named, Lsn at) {
        this.config = config;
        this.named = named;
        this.at = at;
    }

    /** Returns the exit code. */
    int await(Duration patience, PrintWriter out) throws InterruptedException {
        Polling polling = Polling.every(PAUSE).within(patience);
        while (true) {
            List<ProgressRow> open = new ArrayList<>();
            List<String> found = new ArrayList<>();
            for (TargetConfig target : config.targets()) {
                for (ProgressRow row : TargetRows.of(config, target)) {
                    if (isMeant(row)) {
                        look(target, row, open, found);
                    }
                }
            }
            if (open.isEmpty()) {
                found.forEach(out::println);
                out.println("done");
                out.flush();
                return ExitCode.OK;
            }
            boolean failed =
                    open.stream()
                            .anyMatch(
                                    row -> row.state() == ReplicationState.ERROR && isTakenUp(row));
            if (failed || !polling.again()) {
                open.forEach(
                        row ->
                                out.println(
                                        row.replication()
                                                + ": "
                                                + row.state()
                                                + (row.reason() == null
                                                        ? ""
                                                        : " " + row.reason())));
                out.flush();
                return failed ? ExitCode.FINDING : ExitCode.BEHIND;
            }
        }
    }

    private boolean isMeant(ProgressRow row) {
        String id = row.replication().value();
        return row.state() != ReplicationState.STOPPED
                && named.stream()
                        .anyMatch(
                                name ->
                                        name.equals(ControlCommand.ALL)
                                                || id.equals(name)
                                                || id.startsWith(name + "/"));
    }

    private boolean isTakenUp(ProgressRow row) {
        Lsn taken = row.resyncLsn();
        return taken != null && !at.isAfter(taken);
    }

    private void look(
            TargetConfig target, ProgressRow row, List<ProgressRow> open, List<String> found) {
        boolean over =
                isTakenUp(row)
                        && !row.resyncPending()
                        && row.state() != ReplicationState.INITIALIZING;
        if (!over) {
            open.add(row);
            return;
        }
        TargetRows.mended(target, row.replication())
                .forEach(line -> found.add(row.replication() + " " + line));
    }
}
