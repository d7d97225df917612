package io.heliosdb.replication.job;

import io.heliosdb.replication.core.config.ConfigFile;
import io.heliosdb.replication.job.local.CheckpointDirectory;
import io.heliosdb.replication.job.local.LocalCluster;
import io.heliosdb.replication.job.local.LocalClusterOptions;
import io.heliosdb.replication.model.config.PipelineConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The job in a JVM of its own, so that it can be killed with -9. */
final class JobProcess {

    private final Process process;
    private final Path log;

    private JobProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    static JobProcess start(Path config, Path log, String... jvmOptions) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx768m");
        command.add("-XX:+UseParallelGC");
        command.add("--add-opens=java.base/java.util=ALL-UNNAMED");
        command.add("--add-opens=java.base/java.lang=ALL-UNNAMED");
        command.addAll(List.of(jvmOptions));
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(JobProcess.class.getName());
        command.add(config.toString());
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                            .start();
            return new JobProcess(process, log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    void kill() {
        try {
            process.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    String lastLines() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Runs until it is killed. */
    public static void main(String[] arguments) throws Exception {
        Path file = Path.of(arguments[0]);
        PipelineConfig config = ConfigFile.read(file);
        CheckpointDirectory checkpoints =
                CheckpointDirectory.open(config.job().checkpointDirectory());
        LocalCluster cluster =
                LocalCluster.start(
                        LocalClusterOptions.in(checkpoints).withSlots(config.job().parallelism()));
        cluster.submit(env -> ReplicationJob.build(env, config, file), checkpoints.newest())
                .result()
                .get();
    }
}
