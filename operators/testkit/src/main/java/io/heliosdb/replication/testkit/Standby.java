package io.heliosdb.replication.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/**
 * Makes physical standbys: a base backup by file copy between {@code pg_backup_start} and {@code
 * pg_backup_stop}, since the embedded binaries have no {@code pg_basebackup}.
 */
public final class Standby {

    private Standby() {}

    /**
     * Copies a running primary into a directory that does not exist yet; {@link
     * PostgresServer#start(Map, int, Path)} with it starts the standby.
     *
     * @param primaryData the primary's data directory
     * @param database to connect to, as the synchronisation of slots needs one
     * @param slot a physical slot of the primary
     */
    public static void prepare(
            PostgresServer primary, Path primaryData, Path data, String database, String slot) {
        try (Connection connection = primary.connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_backup_start('standby', true)");
            copy(primaryData, data);
            try (ResultSet row =
                    statement.executeQuery("SELECT labelfile FROM pg_backup_stop(false)")) {
                row.next();
                Files.writeString(data.resolve("backup_label"), row.getString(1));
            }
            // What was written up to the end of the backup.
            copy(primaryData.resolve("pg_wal"), data.resolve("pg_wal"));
            Files.createFile(data.resolve("standby.signal"));
            Files.writeString(
                    data.resolve("postgresql.auto.conf"),
                    """

                    primary_conninfo = 'host=localhost port=%d user=%s dbname=%s'
                    primary_slot_name = '%s'
                    hot_standby_feedback = on
                    """
                            .formatted(primary.port(), PostgresServer.USER, database, slot),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException("base backup: " + e.getMessage(), e);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(
                from,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path directory, BasicFileAttributes attributes) throws IOException {
                        Path own = to.resolve(from.relativize(directory).toString());
                        if (!Files.exists(own)) {
                            Files.createDirectory(own);
                            Files.setPosixFilePermissions(
                                    own, PosixFilePermissions.fromString("rwx------"));
                        }
                        return directory.getFileName().toString().equals("pg_replslot")
                                ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        String name = file.getFileName().toString();
                        if (!name.startsWith("postmaster.")) {
                            try {
                                Files.copy(
                                        file,
                                        to.resolve(from.relativize(file).toString()),
                                        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                            } catch (NoSuchFileException e) {
                                // Removed while we went: the backup does not need it.
                                return FileVisitResult.CONTINUE;
                            }
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e)
                            throws IOException {
                        if (e instanceof NoSuchFileException) {
                            return FileVisitResult.CONTINUE;
                        }
                        throw e;
                    }
                });
    }
}
