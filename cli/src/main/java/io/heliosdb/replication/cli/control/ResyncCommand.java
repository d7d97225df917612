package io.heliosdb.replication.cli.control;

import io.heliosdb.replication.cli.ConfigOption;
import io.heliosdb.replication.cli.DurationConverter;
import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.cli.Refusal;
import io.heliosdb.replication.core.control.ControlCommand;
import io.heliosdb.replication.core.control.postgres.CommandSender;
import io.heliosdb.replication.core.ingest.postgres.SlotRescue;
import io.heliosdb.replication.core.ingest.postgres.SourceAdmin;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.config.PipelineConfig;
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

/** Copies replications again, comparing and mending what their targets have. */
@Command(
        name = "resync",
        description = {
            "Copies replications again from the source: rows that the target has are compared, and"
                    + " only those that differ are mended. Changes go on arriving and wait"
                    + " meanwhile. Works in every state, also in error.",
            "Travels through the source's WAL; if the job is down, it is carried out when it runs.",
            "If the job cannot run any more because its slot is lost (or with --new-slot, because"
                    + " slot, checkpoint and source do not fit together), and with --all: the slot"
                    + " is made anew, checkpoints are set aside, and the next start copies again."
        },
        mixinStandardHelpOptions = true)
public final class ResyncCommand implements Callable<Integer> {

    @Mixin private ConfigOption config = new ConfigOption();
    @Mixin private Replications replications = new Replications();
    @Mixin private Orderer orderer = new Orderer();
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--tables",
            split = ",",
            paramLabel = "PATTERN",
            description = "Only these tables, as in the file: 'orders', 'sales.*'; default is all.")
    private List<String> tables = new ArrayList<>();

    @Option(
            names = "--new-slot",
            description =
                    "Begins with a new slot although there is one: all that it still holds is given"
                            + " up. Only with --all, and while the job is down.")
    private boolean newSlot;

    @Option(
            names = "--wait",
            converter = DurationConverter.class,
            paramLabel = "TIME",
            description = "Waits so long for the end, and tells what was mended.")
    private @Nullable Duration patience;

    @Override
    public Integer call() throws InterruptedException {
        PipelineConfig pipeline = config.read();
        List<String> named = replications.in(pipeline);
        Optional<String> lost =
                newSlot
                        ? Optional.of("a new slot is wanted")
                        : SlotRescue.whyLost(pipeline.source());
        PrintWriter out = spec.commandLine().getOut();
        if (lost.isPresent()) {
            return beginAnew(pipeline, lost.get(), out);
        }
        ControlCommand command =
                new ControlCommand(
                        ControlCommand.Verb.RESYNC,
                        named,
                        tables,
                        0,
                        orderer.who(),
                        orderer.reason());
        Lsn at = CommandSender.send(pipeline.source().database(), command);
        out.println("ordered at " + at + (isRead(pipeline) ? "" : "; the job is down"));
        out.flush();
        return patience == null
                ? ExitCode.OK
                : new ResyncWait(pipeline, named, at).await(patience, out);
    }

    private static boolean isRead(PipelineConfig pipeline) {
        return SourceAdmin.slot(pipeline.source()).map(SourceAdmin.Slot::active).orElse(false);
    }

    private int beginAnew(PipelineConfig pipeline, String why, PrintWriter out) {
        if (!replications.isAll() || !tables.isEmpty()) {
            throw new Refusal(
                    ExitCode.FINDING,
                    why
                            + ": the job cannot continue, so all replications must be copied again:"
                            + " resync --all");
        }
        out.println(why + ": beginning anew");
        new NewBeginning(pipeline, orderer.who() + ": " + orderer.reason()).prepare(out::println);
        out.println("ready; the next 'run' or 'submit' copies again, comparing and mending");
        out.flush();
        return ExitCode.OK;
    }
}
