package io.heliosdb.replication.cli.run;

import io.heliosdb.replication.cli.ConfigOption;
import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.core.preflight.Finding;
import io.heliosdb.replication.core.preflight.PreflightReport;
import io.heliosdb.replication.core.preflight.Severity;
import io.heliosdb.replication.core.preflight.postgres.Preflight;
import io.heliosdb.replication.job.ReplicationJob;
import io.heliosdb.replication.job.local.CheckpointDirectory;
import io.heliosdb.replication.job.local.LocalCluster;
import io.heliosdb.replication.job.local.LocalClusterOptions;
import io.heliosdb.replication.job.local.LocalJob;
import io.heliosdb.replication.job.local.RestorePoint;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.config.PipelineConfig;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.flink.api.common.JobStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The job in this process until Ctrl-C. */
@Command(
        name = "run",
        description = {
            "Runs the job in this process until Ctrl-C, which stops it cleanly: nothing is lost, and"
                    + " starting again continues there.",
            "After a crash it continues from the last checkpoint in job.checkpoint-directory.",
            "Changes of 'replications' in the file take effect while it runs."
        },
        mixinStandardHelpOptions = true)
public final class RunCommand implements Callable<Integer> {

    private static final Duration STOP_LIMIT = Duration.ofMinutes(5);
    private static final Duration LOOK_INTERVAL = Duration.ofMillis(500);

    @Mixin private ConfigOption config = new ConfigOption();
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--web-port",
            defaultValue = "8081-8181",
            paramLabel = "PORT",
            description =
                    "Port of Flink's web UI; a range takes the first free; default ${DEFAULT-VALUE}.")
    private String webPort = "8081-8181";

    @Option(
            names = "--anew",
            description =
                    "Ignores checkpoints: what they keep for paused or broken replications is lost.")
    private boolean anew;

    @Option(names = "--no-check", description = "Starts without the preflight of 'check'.")
    private boolean unchecked;

    @Override
    public Integer call() throws InterruptedException {
        PipelineConfig pipeline = config.read();
        CheckpointDirectory checkpoints =
                CheckpointDirectory.open(pipeline.job().checkpointDirectory());
        Optional<RestorePoint> restore = anew ? Optional.empty() : checkpoints.newest();
        Optional<Integer> refused = check(pipeline);
        if (refused.isPresent()) {
            return refused.get();
        }
        say(beginning(checkpoints, restore));

        StopSignal stop = StopSignal.install();
        try (LocalCluster cluster =
                LocalCluster.start(
                        LocalClusterOptions.in(checkpoints)
                                .withSlots(pipeline.job().parallelism())
                                .withRestPorts(webPort))) {
            LocalJob job =
                    cluster.submit(
                            env ->
                                    ReplicationJob.build(
                                            env, pipeline, config.file().toAbsolutePath()),
                            restore);
            say("job " + job.id() + ", web UI " + cluster.webUrl() + ", Ctrl-C stops it");
            return await(job, stop);
        }
    }

    /**
     * Looks before leaping. What keeps the whole job from working ends the command; what concerns a
     * target or a replication is told, and only that one goes to Error or waits.
     */
    private Optional<Integer> check(PipelineConfig pipeline) {
        if (unchecked) {
            return Optional.empty();
        }
        PreflightReport report = Preflight.check(pipeline);
        if (report.hasErrors()) {
            say(report.render());
        }
        return report.findings().stream()
                .filter(finding -> finding.severity() == Severity.ERROR)
                .map(Finding::code)
                .filter(
                        code ->
                                code.blastRadius() == ErrorCode.BlastRadius.FAIL_JOB
                                        || code == ErrorCode.SOURCE_UNREACHABLE)
                .map(ExitCode::of)
                .findFirst();
    }

    private static String beginning(
            CheckpointDirectory checkpoints, Optional<RestorePoint> restore) {
        return restore.map(
                        point ->
                                "continuing from checkpoint "
                                        + point.checkpointId()
                                        + " of "
                                        + point.completedAt()
                                        + ", "
                                        + point.path())
                .orElse("beginning anew: no checkpoint used from " + checkpoints.uri());
    }

    private int await(LocalJob job, StopSignal stop) throws InterruptedException {
        JobStatus shown = JobStatus.INITIALIZING;
        while (!stop.await(LOOK_INTERVAL)) {
            JobStatus status = job.status();
            if (status.isGloballyTerminalState()) {
                say("job ended: " + status + cause(job));
                return ExitCode.FINDING;
            }
            if (status != shown) {
                boolean trouble = status == JobStatus.FAILING || status == JobStatus.RESTARTING;
                say("job is " + status.name().toLowerCase() + (trouble ? cause(job) : ""));
                shown = status;
            }
        }
        return stop(job);
    }

    private int stop(LocalJob job) {
        say("stopping; again Ctrl-C to end at once");
        try {
            say("stopped cleanly, state in " + job.stopWithSavepoint(STOP_LIMIT));
        } catch (IllegalStateException e) {
            // For example while the source is away: the last checkpoint holds all that counts.
            say("no clean stop (" + e.getMessage() + "), cancelled; the last checkpoint stays");
            job.cancel(STOP_LIMIT);
        }
        return ExitCode.INTERRUPTED;
    }

    private static String cause(LocalJob job) {
        return job.lastFailure().map(text -> ": " + rootCause(text)).orElse("");
    }

    /** The innermost cause in a stack trace: what people need; the rest is in the log. */
    static String rootCause(String stackTrace) {
        return stackTrace
                .lines()
                .filter(line -> !line.startsWith("\t"))
                .reduce((outer, inner) -> inner.startsWith("Caused by: ") ? inner : outer)
                .map(line -> line.replaceFirst("^Caused by: ", ""))
                .orElse(stackTrace);
    }

    private void say(String line) {
        spec.commandLine().getOut().println(line);
        spec.commandLine().getOut().flush();
    }
}
