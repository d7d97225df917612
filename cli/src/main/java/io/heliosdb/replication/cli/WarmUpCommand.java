package io.heliosdb.replication.cli;

import io.heliosdb.replication.core.config.ConfigFile;
import io.heliosdb.replication.job.local.CheckpointDirectory;
import io.heliosdb.replication.job.local.LocalCluster;
import io.heliosdb.replication.job.local.LocalClusterOptions;
import io.heliosdb.replication.job.local.TemporaryDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import picocli.CommandLine.Command;

/**
 * Loads the classes that commands use, so that the launcher can archive them (class data sharing).
 * Changes nothing.
 */
@Command(name = "warm-up", hidden = true, description = "For the launcher.")
final class WarmUpCommand implements Callable<Integer> {

    @Override
    public Integer call() throws IOException {
        try (TemporaryDirectory directory = TemporaryDirectory.create("heliosdb-warm-up-")) {
            Path file =
                    Files.writeString(
                            directory.path().resolve("c.yaml"), ExampleConfigCommand.text());
            ConfigFile.read(file, name -> "x");
            CheckpointDirectory checkpoints = CheckpointDirectory.open(directory.path() + "/state");
            try (LocalCluster cluster = LocalCluster.start(LocalClusterOptions.in(checkpoints))) {
                cluster.submit(
                                env ->
                                        env.fromSequence(0, 1)
                                                .keyBy(number -> number)
                                                .sinkTo(new DiscardingSink<>()),
                                Optional.empty())
                        .result()
                        .join();
            }
        }
        return ExitCode.OK;
    }
}
