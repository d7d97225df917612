package io.heliosdb.replication.cli.serve;

import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.cli.Home;
import io.heliosdb.replication.cli.Refusal;
import io.heliosdb.replication.cli.run.StopSignal;
import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.control.secret.SecretKeys;
import io.heliosdb.replication.control.server.ControlConfigFile;
import io.heliosdb.replication.control.server.ControlOptions;
import io.heliosdb.replication.control.server.ControlServer;
import io.heliosdb.replication.control.server.ListenOptions;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
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
            "With --embedded it brings its own metadata store, in .heliosdb/control; else --config"
                    + " names a file with the store, the secret keys and where to listen.",
            "Where nobody can administer yet it listens on this machine only, and prints a key."
        },
        mixinStandardHelpOptions = true)
public final class ServeCommand implements Callable<Integer> {

    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Configuration of the control plane, YAML.")
    private @Nullable Path config;

    @Option(names = "--embedded", description = "Brings its own metadata store.")
    private boolean embedded;

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
        if (!embedded) {
            serve(options(config), stop);
            return ExitCode.INTERRUPTED;
        }
        Path directory = Home.work().resolve("control");
        try (EmbeddedStore store = EmbeddedStore.open(directory.resolve("postgres"))) {
            serve(
                    new ControlOptions(
                            store.database(),
                            ControlOptions.DEFAULT_STORE_SESSIONS,
                            keys(directory.resolve("secret-keys.json")),
                            new ListenOptions(ListenOptions.LOOPBACK, port, null),
                            false,
                            null),
                    stop);
        }
        return ExitCode.INTERRUPTED;
    }

    static ControlOptions options(@Nullable Path file) {
        return ControlConfigFile.read(
                file == null ? Path.of("control.yaml") : file, System::getenv);
    }

    private static SecretKeys keys(Path file) {
        try {
            if (!Files.exists(file)) {
                SecretKeys.generate().writeNew(file);
            }
        } catch (FileAlreadyExistsException e) {
            // Another process was faster; its keys are as good.
        }
        return SecretKeys.read(file);
    }

    private void serve(ControlOptions options, StopSignal stop) throws InterruptedException {
        try (ControlServer server = ControlServer.start(options, InstantSource.system())) {
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
            say("Ctrl-C stops it");
            while (!stop.await(LOOK_INTERVAL)) {
                // Everything happens elsewhere.
            }
            say("stopped");
        } catch (IllegalArgumentException e) {
            throw new Refusal(ExitCode.USAGE, String.valueOf(e.getMessage()));
        } catch (ControlException e) {
            throw new Refusal(ExitCode.UNREACHABLE, String.valueOf(e.getMessage()));
        }
    }

    private void say(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
