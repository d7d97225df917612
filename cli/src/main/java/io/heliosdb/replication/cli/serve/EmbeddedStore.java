package io.heliosdb.replication.cli.serve;

import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.testkit.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server of our own for the metadata store, with its data in a directory that stays. A
 * server that a killed process left behind is taken over. It trusts every user of this machine: for
 * trying out, not for machines that are shared.
 */
final class EmbeddedStore implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedStore.class);
    private static final int PID_LINE = 0;
    private static final int PORT_LINE = 3;

    private final int port;
    private final @Nullable PostgresServer server;
    private final @Nullable ProcessHandle takenOver;

    private EmbeddedStore(
            int port, @Nullable PostgresServer server, @Nullable ProcessHandle takenOver) {
        this.port = port;
        this.server = server;
        this.takenOver = takenOver;
    }

    static EmbeddedStore open(Path directory) {
        Optional<EmbeddedStore> running = running(directory.resolve("postmaster.pid"));
        if (running.isPresent()) {
            LOG.info("store taken over port={}", running.get().port);
            return running.get();
        }
        try {
            Files.createDirectories(directory.getParent());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        PostgresServer server =
                PostgresServer.start(
                        Map.of("fsync", "on", "shared_buffers", "64MB", "max_wal_size", "1GB"),
                        0,
                        directory);
        return new EmbeddedStore(server.port(), server, null);
    }

    private static Optional<EmbeddedStore> running(Path pidFile) {
        try {
            if (!Files.exists(pidFile)) {
                return Optional.empty();
            }
            List<String> lines = Files.readAllLines(pidFile);
            if (lines.size() <= PORT_LINE) {
                return Optional.empty();
            }
            int port = Integer.parseInt(lines.get(PORT_LINE).strip());
            return ProcessHandle.of(Long.parseLong(lines.get(PID_LINE).strip()))
                    .filter(
                            process ->
                                    process.info()
                                            .command()
                                            .map(command -> command.endsWith("postgres"))
                                            .orElse(false))
                    .map(process -> new EmbeddedStore(port, null, process));
        } catch (IOException | NumberFormatException e) {
            LOG.warn("pid file of the store not readable file={}", pidFile, e);
            return Optional.empty();
        }
    }

    DatabaseConfig database() {
        return new DatabaseConfig(
                "jdbc:postgresql://localhost:" + port + "/postgres",
                PostgresServer.USER,
                Secret.EMPTY);
    }

    /** Stops the server, and waits for a taken over one that it has stopped. */
    @Override
    public void close() {
        if (server != null) {
            server.close();
        }
        if (takenOver != null && takenOver.destroy()) {
            takenOver.onExit().orTimeout(30, TimeUnit.SECONDS).join();
        }
    }
}
