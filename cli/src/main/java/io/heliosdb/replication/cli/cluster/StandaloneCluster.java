package io.heliosdb.replication.cli.cluster;

import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.cli.Home;
import io.heliosdb.replication.cli.Refusal;
import io.heliosdb.replication.core.polling.Polling;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint;
import org.apache.flink.runtime.jobmanager.JobManagerProcessSpec;
import org.apache.flink.runtime.jobmanager.JobManagerProcessUtils;
import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;
import org.apache.flink.runtime.util.config.memory.ProcessMemoryUtils;

/**
 * A Flink session cluster on this machine: JobManager and TaskManagers, each a JVM of its own with
 * nothing but Flink on its classpath.
 *
 * <pre>
 *   directory/   jobmanager.pid, .log, .out   taskmanager-1.pid, …   cluster.properties   tmp/
 * </pre>
 */
final class StandaloneCluster {

    private static final Duration START_LIMIT = Duration.ofSeconds(90);

    private static final Duration START_PAUSE = Duration.ofMillis(100);

    /** So long all must live on before the cluster counts as up. */
    private static final Duration PROBATION = Duration.ofMillis(500);

    private final Path directory;

    StandaloneCluster(Path directory) {
        this.directory = directory.toAbsolutePath().normalize();
    }

    static Path defaultDirectory() {
        return Home.work().resolve("cluster");
    }

    Daemon jobManager() {
        return new Daemon("jobmanager", directory);
    }

    /** Those that were ever started and not stopped, dead ones included. */
    List<Daemon> taskManagers() throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches("taskmanager-\\d+\\.pid"))
                    .map(name -> name.substring(0, name.length() - ".pid".length()))
                    .sorted()
                    .map(name -> new Daemon(name, directory))
                    .toList();
        }
    }

    /** The address of the REST API, as written at the start. */
    int restPort() throws IOException {
        return Integer.parseInt(settings().getProperty("rest.port"));
    }

    /**
     * Brings up what is not alive of a JobManager and so many TaskManagers, and waits until all are
     * registered. Returns what was started.
     */
    List<String> start(int taskManagers, int restPort) throws IOException, InterruptedException {
        List<String> started = new ArrayList<>();
        List<Daemon> wanted = new ArrayList<>();
        wanted.add(jobManager());
        IntStream.rangeClosed(1, taskManagers)
                .forEach(i -> wanted.add(new Daemon("taskmanager-" + i, directory)));
        do {
            started.addAll(startDead(wanted, restPort));
            // A process that was just killed still looks alive for a moment.
        } while (Daemon.anyEndsWithin(PROBATION, wanted));
        return started;
    }

    private List<String> startDead(List<Daemon> wanted, int restPort)
            throws IOException, InterruptedException {
        List<String> started = new ArrayList<>();
        if (jobManager().process().isEmpty()) {
            // TaskManagers of a dead JobManager would look for it at its old address.
            stop();
            Files.createDirectories(temporary());
            writeSettings(restPort, freePort());
            jobManager().start(jobManagerCommand());
            started.add(jobManager().name());
        }
        List<String> awaited = new ArrayList<>();
        for (Daemon taskManager : wanted.subList(1, wanted.size())) {
            if (taskManager.process().isEmpty()) {
                // New for each process: a dead one stays registered until its heartbeat times out.
                String resourceId = taskManager.name() + "-" + System.currentTimeMillis();
                taskManager.start(taskManagerCommand(taskManager, resourceId));
                started.add(taskManager.name());
                awaited.add(resourceId);
            }
        }
        awaitRegistered(awaited);
        return started;
    }

    /** Ends all processes. Returns those that were alive. */
    List<String> stop() throws IOException, InterruptedException {
        List<String> stopped = new ArrayList<>();
        List<Daemon> all = new ArrayList<>(taskManagers());
        // First, so that it does not restart jobs while TaskManagers go.
        all.add(0, jobManager());
        for (Daemon daemon : all) {
            if (daemon.process().isPresent()) {
                stopped.add(daemon.name());
            }
            daemon.stop();
        }
        deleteRecursively(temporary());
        return stopped;
    }

    private List<String> jobManagerCommand() throws IOException {
        Configuration flink = configuration();
        JobManagerProcessSpec memory =
                JobManagerProcessUtils.processSpecFromConfigWithNewOptionToInterpretLegacyHeap(
                        flink, JobManagerOptions.JVM_HEAP_MEMORY);
        List<String> command =
                java(jobManager(), ProcessMemoryUtils.generateJvmParametersStr(memory));
        command.add(StandaloneSessionClusterEntrypoint.class.getName());
        command.addAll(List.of("--configDir", configDirectory(), "--executionMode", "cluster"));
        command.addAll(dynamicProperties());
        command.addAll(words(JobManagerProcessUtils.generateDynamicConfigsStr(memory)));
        return command;
    }

    private List<String> taskManagerCommand(Daemon daemon, String resourceId) throws IOException {
        TaskExecutorProcessSpec memory =
                TaskExecutorProcessUtils.processSpecFromConfig(
                        TaskExecutorProcessUtils
                                .getConfigurationMapLegacyTaskManagerHeapSizeToConfigOption(
                                        configuration(), TaskManagerOptions.TOTAL_FLINK_MEMORY));
        List<String> command = java(daemon, ProcessMemoryUtils.generateJvmParametersStr(memory));
        command.add(TaskManagerRunner.class.getName());
        command.addAll(List.of("--configDir", configDirectory()));
        command.addAll(dynamicProperties());
        command.addAll(List.of("-D", "taskmanager.resource-id=" + resourceId));
        command.addAll(words(TaskExecutorProcessUtils.generateDynamicConfigsStr(memory)));
        return command;
    }

    private List<String> java(Daemon daemon, String memory) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(words(memory));
        command.add("@" + Home.existing("flink-conf/java.opts"));
        command.add("-Dlog.file=" + daemon.log());
        command.add(
                "-Dlog4j2.configurationFile="
                        + Home.existing("flink-conf/log4j2.properties").toUri());
        command.add("-cp");
        command.add(Files.readString(Home.existing("cli/target/flink-classpath.txt")).strip());
        return command;
    }

    /** What depends on this machine and directory, on top of {@code flink-conf/}. */
    private List<String> dynamicProperties() throws IOException {
        Properties settings = settings();
        List<String> properties = new ArrayList<>();
        for (String setting :
                List.of(
                        "jobmanager.rpc.address=localhost",
                        "jobmanager.rpc.port=" + settings.getProperty("rpc.port"),
                        "jobmanager.bind-host=localhost",
                        "taskmanager.host=localhost",
                        "taskmanager.bind-host=localhost",
                        "rest.address=localhost",
                        "rest.bind-address=localhost",
                        "rest.port=" + settings.getProperty("rest.port"),
                        "rest.bind-port=" + settings.getProperty("rest.port"),
                        "io.tmp.dirs=" + temporary())) {
            properties.add("-D");
            properties.add(setting);
        }
        return properties;
    }

    private static Configuration configuration() {
        return GlobalConfiguration.loadConfiguration(configDirectory());
    }

    private static String configDirectory() {
        return Home.existing("flink-conf").toString();
    }

    private void awaitRegistered(List<String> resourceIds)
            throws IOException, InterruptedException {
        ClusterRest rest = new ClusterRest(restPort());
        Polling polling = Polling.every(START_PAUSE).within(START_LIMIT);
        while (!rest.taskManagers().containsAll(resourceIds) || rest.overview().isEmpty()) {
            List<Daemon> all = new ArrayList<>(taskManagers());
            all.add(jobManager());
            for (Daemon daemon : all) {
                if (daemon.process().isEmpty()) {
                    throw new IllegalStateException(
                            daemon.name()
                                    + " ended at once: "
                                    + lastLine(daemon)
                                    + "; see "
                                    + daemon.log());
                }
            }
            if (!polling.again()) {
                throw new IllegalStateException(
                        "the cluster did not come up within "
                                + START_LIMIT.toSeconds()
                                + " s; see "
                                + directory);
            }
        }
    }

    private static String lastLine(Daemon daemon) throws IOException {
        for (Path file : List.of(daemon.log(), daemon.output())) {
            if (Files.exists(file) && Files.size(file) > 0) {
                List<String> errors =
                        Files.readAllLines(file).stream()
                                .filter(line -> line.contains("Exception") || line.contains("rror"))
                                .toList();
                if (!errors.isEmpty()) {
                    return errors.get(errors.size() - 1);
                }
            }
        }
        return "no message";
    }

    private Path temporary() {
        return directory.resolve("tmp");
    }

    private static void deleteRecursively(Path path) throws IOException {
        if (Files.exists(path)) {
            try (Stream<Path> found = Files.walk(path)) {
                for (Path file : found.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private Properties settings() throws IOException {
        Path file = directory.resolve("cluster.properties");
        if (!Files.exists(file)) {
            throw new Refusal(ExitCode.UNREACHABLE, "no cluster was started in " + directory);
        }
        Properties settings = new Properties();
        try (var in = Files.newInputStream(file)) {
            settings.load(in);
        }
        return settings;
    }

    private void writeSettings(int restPort, int rpcPort) throws IOException {
        Files.writeString(
                directory.resolve("cluster.properties"),
                "rest.port="
                        + (restPort == 0 ? freePort() : restPort)
                        + "\nrpc.port="
                        + rpcPort
                        + "\n");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static List<String> words(String text) {
        return List.of(text.strip().split("\\s+"));
    }
}
