package io.heliosdb.replication.cli.serve;

import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.testkit.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server of our own for the metadata store, with its data in a directory that stays. A
 * server that a killed process left behind is taken over. It asks everybody for the password in a
 * file that only its owner can read.
 */
final class EmbeddedStore implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedStore.class);
    private static final int PID_LINE = 0;
    private static final int PORT_LINE = 3;

    private static final int PASSWORD_BYTES = 24;

    private final int port;
    private final Secret password;
    private final @Nullable PostgresServer server;
    private final @Nullable ProcessHandle takenOver;

    private EmbeddedStore(
            int port,
            Secret password,
            @Nullable PostgresServer server,
            @Nullable ProcessHandle takenOver) {
        this.port = port;
        this.password = password;
        this.server = server;
        this.takenOver = takenOver;
    }

    /**
     * @param directory of its data
     * @param passwordFile is made where it is missing
     */
    static EmbeddedStore open(Path directory, Path passwordFile) {
        Secret password = password(passwordFile);
        Optional<EmbeddedStore> running = running(directory.resolve("postmaster.pid"), password);
        if (running.isPresent()) {
            LOG.info("store taken over port={}", running.get().port);
            return running.get();
        }
        PostgresServer server =
                PostgresServer.startProtected(
                        Map.of("fsync", "on", "shared_buffers", "64MB", "max_wal_size", "1GB"),
                        directory,
                        password.value());
        return new EmbeddedStore(server.port(), password, server, null);
    }

    private static Secret password(Path file) {
        try {
            Files.createDirectories(file.getParent());
            if (!Files.exists(file)) {
                byte[] random = new byte[PASSWORD_BYTES];
                new SecureRandom().nextBytes(random);
                // Whole or not there, and never readable for others, not even for a moment.
                Path next =
                        Files.createTempFile(
                                file.getParent(),
                                "password",
                                ".next",
                                PosixFilePermissions.asFileAttribute(
                                        PosixFilePermissions.fromString("rw-------")));
                Files.writeString(next, Base64.getUrlEncoder().encodeToString(random));
                Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
            }
            return new Secret(Files.readString(file).strip());
        } catch (IOException e) {
            throw new UncheckedIOException("no password for the store in " + file, e);
        }
    }

    private static Optional<EmbeddedStore> running(Path pidFile, Secret password) {
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
                    .map(process -> new EmbeddedStore(port, password, null, process));
        } catch (IOException | NumberFormatException e) {
            LOG.warn("pid file of the store not readable file={}", pidFile, e);
            return Optional.empty();
        }
    }

    DatabaseConfig database() {
        return new DatabaseConfig(
                "jdbc:postgresql://localhost:" + port + "/postgres", PostgresServer.USER, password);
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
