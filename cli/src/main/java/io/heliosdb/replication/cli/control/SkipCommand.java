package io.heliosdb.replication.cli.control;

import io.heliosdb.replication.cli.ConfigOption;
import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.cli.Refusal;
import io.heliosdb.replication.cli.control.postgres.TargetRows;
import io.heliosdb.replication.core.control.ControlCommand;
import io.heliosdb.replication.core.control.postgres.CommandSender;
import io.heliosdb.replication.core.progress.ProgressRow;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.config.PipelineConfig;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Leaves out the one transaction that a target refuses, or the DDL in it. */
@Command(
        name = "skip",
        description = {
            "Leaves out the one transaction that the target refuses, and goes on behind it. Its"
                    + " changes are kept in heliosdb.skipped of the target; source and target differ"
                    + " by them from then on, until a resync.",
            "Where DDL of the transaction has stopped the replication, only that DDL is left out, for"
                    + " all replications of the target, and the rows are applied. If they do not fit"
                    + " then, the replication stops again.",
            "Without --position it is the one that 'status' shows the replication to be in error"
                    + " for."
        },
        mixinStandardHelpOptions = true)
public final class SkipCommand implements Callable<Integer> {

    @Mixin private ConfigOption config = new ConfigOption();
    @Mixin private Orderer orderer = new Orderer();
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--replication",
            required = true,
            paramLabel = "NAME",
            description = "The replication by its name in 'status'.")
    private String replication = "";

    @Option(
            names = "--position",
            paramLabel = "LSN",
            description = "Commit LSN of the transaction, like 0/1A2B3C4.")
    private @Nullable String position;

    @Override
    public Integer call() {
        PipelineConfig pipeline = config.read();
        Lsn named = position == null ? null : parsed(position);
        Optional<ProgressRow> row = TargetRows.find(pipeline, replication);
        Lsn refused = named == null ? refused(row) : named;
        boolean ddl =
                row.filter(it -> it.code() == ErrorCode.DDL_STOPPED)
                        .filter(it -> refused.equals(it.refused()))
                        .isPresent();
        ControlCommand command =
                new ControlCommand(
                        ddl ? ControlCommand.Verb.SKIP_DDL : ControlCommand.Verb.SKIP,
                        List.of(replication),
                        List.of(),
                        refused.value(),
                        orderer.who(),
                        orderer.reason());
        Lsn at = CommandSender.send(pipeline.source().database(), command);
        spec.commandLine()
                .getOut()
                .printf(
                        ddl
                                ? "ordered at %s: %s leaves out the DDL of %s, its target with it,"
                                        + " and applies the rows; see heliosdb.ddl in the target%n"
                                : "ordered at %s: %s leaves out the transaction of %s; see"
                                        + " heliosdb.skipped in the target%n",
                        at,
                        replication,
                        refused);
        return ExitCode.OK;
    }

    private static Lsn parsed(String text) {
        try {
            return Lsn.parse(text);
        } catch (IllegalArgumentException e) {
            throw new Refusal(ExitCode.USAGE, "'" + text + "' is no LSN, like 0/1A2B3C4");
        }
    }

    private Lsn refused(Optional<ProgressRow> found) {
        ProgressRow row =
                found.orElseThrow(
                        () ->
                                new Refusal(
                                        ExitCode.USAGE,
                                        "no target knows replication '" + replication + "'"));
        Lsn refused = row.refused();
        if (refused == null) {
            throw new Refusal(
                    ExitCode.FINDING,
                    "replication '"
                            + replication
                            + "' is "
                            + row.state().name().toLowerCase(Locale.ROOT)
                            + " and its target refuses no transaction: nothing to skip");
        }
        return refused;
    }
}
