package io.heliosdb.replication.cli.serve;

import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.cli.Home;
import io.heliosdb.replication.cli.Refusal;
import io.heliosdb.replication.cli.run.StopSignal;
import io.heliosdb.replication.control.launch.JobCluster;
import io.heliosdb.replication.control.launch.LaunchOptions;
import io.heliosdb.replication.control.launch.kubernetes.KubernetesApi;
import io.heliosdb.replication.control.launch.kubernetes.OperatorCluster;
import io.heliosdb.replication.control.launch.kubernetes.OperatorOptions;
import io.heliosdb.replication.control.launch.session.SessionCluster;
import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.control.server.ControlConfigFile;
import io.heliosdb.replication.control.server.ControlOptions;
import io.heliosdb.replication.control.server.ControlServer;
import io.heliosdb.replication.control.server.ControlServer.Launch;
import io.heliosdb.replication.control.server.FlinkOptions;
import io.heliosdb.replication.control.server.ListenOptions;
import io.heliosdb.replication.model.config.DatabaseConfig;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The control API until Ctrl-C. */
@Command(
        name = "serve",
        description = {
            "Serves the control API until Ctrl-C.",
            "With --embedded it brings its own metadata store and runs the jobs itself, in"
                    + " .heliosdb/control; else --config names a file with the store, the secret keys,"
                    + " where to listen, and the Flink cluster.",
            "There is one job per source that has replications; it is started, restarted and stopped"
                    + " by one of the instances.",
            "Where nobody can administer yet it listens on this machine only, and prints a key."
        },
        mixinStandardHelpOptions = true)
public final class ServeCommand implements Callable<Integer> {

    private static final Duration REHEARSAL_DELAY = Duration.ofSeconds(2);
    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);
    private static final String ANY_WEB_PORT = "0";

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Configuration of the control plane, YAML.")
    private @Nullable Path config;

    @Option(names = "--embedded", description = "Brings its own metadata store and Flink.")
    private boolean embedded;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            defaultValue = "1",
            description = "With --embedded: of each job; default ${DEFAULT-VALUE}.")
    private int parallelism = 1;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "With --embedded: where to listen; 0 for any; default 8080.")
    private int port = ListenOptions.DEFAULT_PORT;

    @Override
    public Integer call() throws InterruptedException {
        if (embedded == (config != null)) {
            throw new Refusal(ExitCode.USAGE, "give either --embedded or --config FILE");
        }
        StopSignal stop = StopSignal.install();
        Path file = config;
        if (file != null) {
            ControlOptions options = options(file);
            serve(options, onCluster(file, options.store()), null, stop);
            return ExitCode.INTERRUPTED;
        }
        try (EmbeddedControl control =
                EmbeddedControl.open(
                        Home.work().resolve("control"), port, parallelism, ANY_WEB_PORT)) {
            serve(control.options(), control.launch(), control, stop);
        }
        return ExitCode.INTERRUPTED;
    }

    /** Jobs where the file says, if it does. */
    private @Nullable Launch onCluster(Path file, DatabaseConfig store) {
        FlinkOptions flink = ControlConfigFile.readFlink(file).orElse(null);
        if (flink == null) {
            return null;
        }
        JobDirectories directories = new JobDirectories(flink.checkpointDirectory());
        JobArguments arguments =
                new JobArguments(
                        directories,
                        flink.parallelism(),
                        flink.storeUrl(),
                        store.user(),
                        flink.storePassword(),
                        flink.secretKeys(),
                        flink.encryption());
        OperatorOptions operator = flink.operator();
        URI rest = flink.restUrl();
        JobCluster cluster =
                operator == null
                        ? new SessionCluster(
                                Objects.requireNonNull(rest),
                                Home.jobJar(),
                                directories::newest,
                                directories::stops)
                        : new OperatorCluster(
                                KubernetesApi.ofPod(System::getenv),
                                operator,
                                directories::newest,
                                directories::stops);
        return new Launch(
                cluster,
                LaunchOptions.of(arguments::of, flink.parallelism())
                        .encrypting(flink.encryption() != null));
    }

    static ControlOptions options(@Nullable Path file) {
        return ControlConfigFile.read(
                file == null ? Path.of("control.yaml") : file, System::getenv);
    }

    private void serve(
            ControlOptions options,
            @Nullable Launch launch,
            @Nullable EmbeddedControl control,
            StopSignal stop)
            throws InterruptedException {
        try (ControlServer server = ControlServer.start(options, InstantSource.system(), launch)) {
            String url =
                    (options.listen().tls() == null ? "http://" : "https://")
                            + options.listen().host()
                            + ":"
                            + server.port();
            say("control API at " + url + "/v1, its description at " + url + "/docs");
            server.oneTimeKey()
                    .ifPresent(
                            key ->
                                    say(
                                            "admin key, for this process and from this machine only: "
                                                    + key));
            say(
                    launch == null
                            ? "jobs are launched elsewhere: the configuration names no Flink cluster"
                            : embedded
                                    ? "jobs run in this process, their state is in "
                                            + Home.work().resolve("control").resolve("jobs")
                                    : "jobs run on the Flink cluster");
            say("Ctrl-C stops it");
            awaitEnd(control, stop);
            say(embedded ? "stopping, with savepoints; again Ctrl-C to end at once" : "stopping");
        } catch (IllegalArgumentException e) {
            throw new Refusal(ExitCode.USAGE, String.valueOf(e.getMessage()));
        } catch (ControlException e) {
            throw new Refusal(ExitCode.UNREACHABLE, String.valueOf(e.getMessage()));
        }
        say("stopped");
    }

    private static void awaitEnd(@Nullable EmbeddedControl control, StopSignal stop)
            throws InterruptedException {
        Rehearsal rehearsal = control == null ? null : control.rehearse(REHEARSAL_DELAY);
        try {
            while (!stop.await(LOOK_INTERVAL)) {
                // Everything happens elsewhere.
            }
        } finally {
            if (rehearsal != null) {
                rehearsal.close();
            }
        }
    }

    private void say(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
