package io.heliosdb.replication.cli.api;

import io.heliosdb.replication.cli.HeliosCli;
import io.heliosdb.replication.control.secret.SecretKeys;
import io.heliosdb.replication.control.server.ControlOptions;
import io.heliosdb.replication.control.server.ControlServer;
import io.heliosdb.replication.control.server.ListenOptions;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.testkit.PostgresServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** A control API, and the command line as its users call it. */
final class ApiStand implements AutoCloseable {

    private static ApiStand shared;

    final PostgresServer postgres = PostgresServer.start();
    private final ControlServer server;

    private ApiStand() {
        server =
                ControlServer.start(
                        new ControlOptions(
                                new DatabaseConfig(
                                        postgres.url("postgres"),
                                        PostgresServer.USER,
                                        Secret.EMPTY),
                                5,
                                SecretKeys.generate(),
                                new ListenOptions(ListenOptions.LOOPBACK, 0, null),
                                false,
                                null),
                        InstantSource.system());
    }

    /** One for all tests of this JVM; the server ends with it. */
    static synchronized ApiStand shared() {
        if (shared == null) {
            ApiStand made = new ApiStand();
            Runtime.getRuntime().addShutdownHook(new Thread(made::close));
            shared = made;
        }
        return shared;
    }

    String url() {
        return "http://127.0.0.1:" + server.port();
    }

    String key() {
        return server.oneTimeKey().orElseThrow();
    }

    /** What a command printed and how it ended. */
    record Printed(int exit, String out, String err) {}

    /** Runs a command as admin. */
    Printed run(Path directory, String... words) throws IOException {
        Path key = directory.resolve("key");
        Files.writeString(key, key() + "\n");
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--api", url(), "--key-file", key.toString()));
        return plain(all.toArray(String[]::new));
    }

    static Printed plain(String... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream stdout = System.out;
        PrintStream stderr = System.err;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            int exit = HeliosCli.run(words);
            return new Printed(
                    exit,
                    out.toString(StandardCharsets.UTF_8),
                    err.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(stdout);
            System.setErr(stderr);
        }
    }

    @Override
    public void close() {
        server.close();
        postgres.close();
    }
}
