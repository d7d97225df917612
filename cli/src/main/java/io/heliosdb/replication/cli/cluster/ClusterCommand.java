package io.heliosdb.replication.cli.cluster;

import io.heliosdb.replication.cli.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** A real Flink session cluster on this machine, JobManager and TaskManagers as own processes. */
@Command(
        name = "cluster",
        description = "Starts and stops a standalone Flink session cluster on this machine.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class ClusterCommand implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--dir",
            scope = ScopeType.INHERIT,
            paramLabel = "DIR",
            description = "Where pid files and logs are; default .heliosdb/cluster.")
    private Path directory = StandaloneCluster.defaultDirectory();

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return ExitCode.USAGE;
    }

    private StandaloneCluster cluster() {
        return new StandaloneCluster(directory);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    @Command(
            name = "start",
            description = "Starts what is not alive yet, and waits until it is registered.",
            mixinStandardHelpOptions = true)
    int start(
            @Option(
                            names = "--task-managers",
                            defaultValue = "1",
                            paramLabel = "N",
                            description = "How many TaskManagers; default 1.")
                    int taskManagers,
            @Option(
                            names = "--rest-port",
                            defaultValue = "8081",
                            paramLabel = "PORT",
                            description = "REST API and web UI; 0 for any free one; default 8081.")
                    int restPort)
            throws IOException, InterruptedException {
        List<String> started = cluster().start(taskManagers, restPort);
        out().println(
                        started.isEmpty()
                                ? "already running"
                                : "started " + String.join(", ", started));
        return print();
    }

    @Command(
            name = "stop",
            description = "Stops all its processes. Jobs end as in a crash: checkpoints stay.",
            mixinStandardHelpOptions = true)
    int stop() throws IOException, InterruptedException {
        List<String> stopped = cluster().stop();
        out().println(
                        stopped.isEmpty()
                                ? "nothing was running"
                                : "stopped " + String.join(", ", stopped));
        return ExitCode.OK;
    }

    @Command(
            name = "status",
            description = "Shows its processes and jobs. Exits with 1 if it is not running.",
            mixinStandardHelpOptions = true)
    int status() throws IOException, InterruptedException {
        return print();
    }

    private int print() throws IOException, InterruptedException {
        StandaloneCluster cluster = cluster();
        print(cluster.jobManager());
        for (Daemon taskManager : cluster.taskManagers()) {
            print(taskManager);
        }
        if (cluster.jobManager().process().isEmpty()) {
            return ExitCode.FINDING;
        }
        ClusterRest rest = new ClusterRest(cluster.restPort());
        Optional<ClusterRest.Overview> overview = rest.overview();
        if (overview.isEmpty()) {
            out().println(rest.url() + "  does not answer");
            return ExitCode.FINDING;
        }
        ClusterRest.Overview found = overview.get();
        out().printf(
                        "%s  %d TaskManagers, %d of %d slots free%n",
                        rest.url(), found.taskManagers(), found.freeSlots(), found.slots());
        for (ClusterRest.Job job : found.jobs()) {
            out().printf("job %s  %s  %s%n", job.id(), job.state(), job.name());
        }
        return ExitCode.OK;
    }

    private void print(Daemon daemon) {
        out().println(
                        daemon.process()
                                .map(process -> daemon.name() + "  running, pid " + process.pid())
                                .orElse(daemon.name() + "  not running"));
    }
}
