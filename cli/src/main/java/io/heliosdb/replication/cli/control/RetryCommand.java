package io.heliosdb.replication.cli.control;

import io.heliosdb.replication.cli.ConfigOption;
import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.core.control.ControlCommand;
import io.heliosdb.replication.core.control.postgres.CommandSender;
import io.heliosdb.replication.model.config.PipelineConfig;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Tries again at once what waits or has failed. */
@Command(
        name = "retry",
        description = {
            "Tries a replication again at once that is in error, or waits before it tries a target"
                    + " again: after you have mended what was wrong.",
            "Travels through the source's WAL; if the job is down, it is carried out when it runs."
        },
        mixinStandardHelpOptions = true)
public final class RetryCommand implements Callable<Integer> {

    @Mixin private ConfigOption config = new ConfigOption();
    @Mixin private Replications replications = new Replications();
    @Mixin private Orderer orderer = new Orderer();
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        PipelineConfig pipeline = config.read();
        ControlCommand command =
                new ControlCommand(
                        ControlCommand.Verb.RETRY,
                        replications.in(pipeline),
                        List.of(),
                        0,
                        orderer.who(),
                        orderer.reason());
        spec.commandLine()
                .getOut()
                .println(
                        "ordered at "
                                + CommandSender.send(pipeline.source().database(), command)
                                + "; 'status' shows what comes of it");
        return ExitCode.OK;
    }
}
