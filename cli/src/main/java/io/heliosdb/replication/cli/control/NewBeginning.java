package io.heliosdb.replication.cli.control;

import io.heliosdb.replication.cli.control.postgres.TargetRows;
import io.heliosdb.replication.core.ingest.postgres.SlotRescue;
import io.heliosdb.replication.core.progress.ProgressRow;
import io.heliosdb.replication.job.local.CheckpointDirectory;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.TargetConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Prepares a job that cannot continue for a new beginning: no row is touched, no checkpoint
 * deleted. Each step may be done again, so one that was interrupted is run once more.
 *
 * <p>The order counts. Marked targets are copied again whatever job comes to them; only then may
 * the checkpoints go out of sight, and last the slot.
 */
final class NewBeginning {

    private final PipelineConfig config;
    private final String why;

    NewBeginning(PipelineConfig config, String why) {
        this.config = config;
        this.why = why;
    }

    void prepare(Consumer<String> say) {
        SlotRescue.requireNotRead(config.source());
        // All targets are asked before any is changed.
        Map<TargetConfig, List<ReplicationId>> known = new LinkedHashMap<>();
        for (TargetConfig target : config.targets()) {
            known.put(
                    target,
                    TargetRows.of(config, target).stream().map(ProgressRow::replication).toList());
        }
        known.forEach(
                (target, ids) ->
                        say.accept(
                                "target "
                                        + target.name()
                                        + ": "
                                        + TargetRows.mark(target, ids, why)
                                        + " replications marked to be copied again"));
        CheckpointDirectory.open(config.job().checkpointDirectory())
                .setAside()
                .ifPresent(place -> say.accept("checkpoints set aside in " + place));
        Lsn begin = SlotRescue.beginAnew(config.source());
        say.accept("slot " + config.source().slot() + " made at " + begin);
    }
}
