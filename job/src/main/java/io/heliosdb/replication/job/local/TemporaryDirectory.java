package io.heliosdb.replication.job.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A directory that is gone, with all that is in it, once it is closed or the process ends in any
 * way but {@code kill -9}.
 */
public final class TemporaryDirectory implements AutoCloseable {

    private final Path path;
    private final Thread atExit;

    private TemporaryDirectory(Path path) {
        this.path = path;
        this.atExit = new Thread(this::delete, "delete-" + path.getFileName());
    }

    public static TemporaryDirectory create(String prefix) {
        try {
            TemporaryDirectory directory =
                    new TemporaryDirectory(Files.createTempDirectory(prefix));
            Runtime.getRuntime().addShutdownHook(directory.atExit);
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary directory", e);
        }
    }

    public Path path() {
        return path;
    }

    /** Does not fail: what cannot be deleted is left to the system. */
    @Override
    public void close() {
        delete();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // The process is ending; the hook finds nothing to do.
            return;
        }
    }

    private void delete() {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> found = Files.walk(path)) {
            for (Path file : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            path.toFile().deleteOnExit();
        }
    }
}
