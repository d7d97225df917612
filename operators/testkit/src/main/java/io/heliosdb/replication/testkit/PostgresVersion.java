package io.heliosdb.replication.testkit;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A version of PostgreSQL to test with. Without further ado it is the one that comes with the
 * dependencies; the build takes others by {@code -Dpostgres.source.version=15.14.0} and {@code
 * -Dpostgres.target.version=…}, and lays their binaries into the directory that property {@code
 * postgres.binaries} names.
 *
 * @param release as Maven's repository has it, {@code 17.6.0}; null for the one that comes along
 */
public record PostgresVersion(@Nullable String release) {

    /** What comes with the dependencies. */
    public static final PostgresVersion BUILT_IN = new PostgresVersion(null);

    private static final int BUILT_IN_MAJOR = 17;

    public PostgresVersion {
        if (release != null && !release.matches("\\d+\\.\\d+\\.\\d+")) {
            throw new IllegalArgumentException("PostgreSQL release '" + release + "'");
        }
    }

    /** For servers that play the source. */
    public static PostgresVersion source() {
        return of(System.getProperty("postgres.source.version"));
    }

    /** For servers that play the target. */
    public static PostgresVersion target() {
        return of(System.getProperty("postgres.target.version"));
    }

    private static PostgresVersion of(@Nullable String release) {
        return release == null || release.isBlank() ? BUILT_IN : new PostgresVersion(release);
    }

    public int major() {
        return release == null
                ? BUILT_IN_MAJOR
                : Integer.parseInt(release.substring(0, release.indexOf('.')));
    }

    /** The archive of the server's files, out of the jar of this release. */
    InputStream archive() {
        Path directory =
                Path.of(
                        Objects.requireNonNull(
                                System.getProperty("postgres.binaries"), "postgres.binaries"));
        try (Stream<Path> jars = Files.list(directory)) {
            Path jar =
                    jars.filter(path -> path.toString().endsWith("-" + release + ".jar"))
                            .findFirst()
                            .orElseThrow(
                                    () ->
                                            new IllegalStateException(
                                                    "no binaries of PostgreSQL %s in %s"
                                                            .formatted(release, directory)));
            return archiveIn(jar);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream archiveIn(Path jar) throws IOException {
        try (FileSystem files = FileSystems.newFileSystem(jar);
                Stream<Path> entries = Files.list(files.getPath("/"))) {
            Path archive =
                    entries.filter(path -> path.toString().endsWith(".txz"))
                            .findFirst()
                            .orElseThrow();
            return new ByteArrayInputStream(Files.readAllBytes(archive));
        }
    }
}
