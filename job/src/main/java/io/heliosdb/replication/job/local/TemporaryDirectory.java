package io.heliosdb.replication.job.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * A directory that is gone, with all that is in it, once it is closed or the process ends.
 *
 * <p>After {@code kill -9} it stays, which matters: it may hold a large backlog. So each is locked
 * by its process, and creating one removes those of the same name that nobody holds.
 */
public final class TemporaryDirectory implements AutoCloseable {

    private static final String LOCK = ".lock";

    /**
     * Never probed: with POSIX locks, closing any channel of a file gives up the lock that the
     * process has on it.
     */
    private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel lock;
    private final Thread atExit;

    private TemporaryDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
        this.atExit = new Thread(() -> delete(path), "delete-" + path.getFileName());
    }

    public static TemporaryDirectory create(String prefix) {
        try {
            Path path = Files.createTempDirectory(prefix);
            FileChannel lock = locked(path);
            while (!Files.exists(path.resolve(LOCK))) {
                // Another process swept it before it was locked.
                lock.close();
                path = Files.createTempDirectory(prefix);
                lock = locked(path);
            }
            TemporaryDirectory directory = new TemporaryDirectory(path, lock);
            Runtime.getRuntime().addShutdownHook(directory.atExit);
            sweep(path.getParent(), prefix);
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary directory", e);
        }
    }

    private static FileChannel locked(Path directory) throws IOException {
        OURS.add(directory);
        FileChannel channel =
                FileChannel.open(
                        directory.resolve(LOCK),
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.WRITE);
        channel.lock();
        return channel;
    }

    /** Best effort: what cannot be read or deleted is somebody else's. */
    private static void sweep(Path parent, String prefix) throws IOException {
        try (DirectoryStream<Path> siblings = Files.newDirectoryStream(parent, prefix + "*")) {
            for (Path sibling : siblings) {
                if (!OURS.contains(sibling) && isAbandoned(sibling)) {
                    delete(sibling);
                }
            }
        }
    }

    /** Without a lock file it is just being made, or not ours. */
    private static boolean isAbandoned(Path directory) {
        try (FileChannel channel =
                        FileChannel.open(directory.resolve(LOCK), StandardOpenOption.WRITE);
                FileLock taken = channel.tryLock()) {
            return taken != null;
        } catch (IOException | OverlappingFileLockException e) {
            return false;
        }
    }

    public Path path() {
        return path;
    }

    /** Does not fail: what cannot be deleted is left to the system. */
    @Override
    public void close() {
        delete(path);
        try {
            lock.close();
            OURS.remove(path);
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IOException | IllegalStateException e) {
            // The process is ending; the hook finds nothing to do.
            return;
        }
    }

    private static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> found = Files.walk(directory)) {
            for (Path file : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            directory.toFile().deleteOnExit();
        }
    }
}
