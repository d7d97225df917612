package io.heliosdb.replication.job.local;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.jspecify.annotations.Nullable;

/**
 * The directory in which a job leaves its checkpoints and from which it continues.
 *
 * <pre>
 *   directory/
 *     {job id}/chk-{n}/_metadata     checkpoints, kept when the job is cancelled or dies
 *     stops/savepoint-{…}/_metadata  the savepoint of a clean stop
 *     savepoints/…                   savepoints that a user took: used, never deleted
 *     set-aside-{…}/                 all of these, of before a new beginning: not used
 * </pre>
 *
 * <p>Works on every file system that Flink knows. Each process has a new job id, so the newest
 * restore point is searched over all of them.
 */
public final class CheckpointDirectory {

    private static final String METADATA = "_metadata";
    private static final String STOPS = "stops";
    private static final String SAVEPOINTS = "savepoints";
    private static final String SET_ASIDE = "set-aside-";

    private final Path root;

    private CheckpointDirectory(Path root) {
        this.root = root;
    }

    /**
     * Makes sure that the directory exists and can be read and written.
     *
     * @param location URI or absolute path
     * @throws ReplicationException CHECKPOINT_UNREADABLE if not
     */
    public static CheckpointDirectory open(String location) {
        Path root = rootOf(location);
        CheckpointDirectory directory = new CheckpointDirectory(root);
        try {
            directory.probe();
        } catch (IOException | IllegalArgumentException e) {
            throw unreadable("checkpoint directory " + location + " cannot be used: " + text(e), e);
        }
        return directory;
    }

    private void probe() throws IOException {
        FileSystem files = root.getFileSystem();
        if (files.exists(root) && !files.getFileStatus(root).isDir()) {
            throw new IOException("it is a file");
        }
        files.mkdirs(root);
        if (files.listStatus(root) == null) {
            throw new IOException("it cannot be listed");
        }
        Path probe = new Path(root, ".probe-" + UUID.randomUUID());
        try (FSDataOutputStream out = files.create(probe, FileSystem.WriteMode.NO_OVERWRITE)) {
            out.write("writable".getBytes(StandardCharsets.US_ASCII));
        }
        files.delete(probe, false);
    }

    /** Flink's options for a job whose checkpoints and savepoints go to that URI or path. */
    public static Configuration configuration(String location) {
        Path root = rootOf(location);
        Configuration flink = new Configuration();
        flink.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, root.toString());
        flink.set(CheckpointingOptions.SAVEPOINT_DIRECTORY, new Path(root, SAVEPOINTS).toString());
        return flink;
    }

    private static Path rootOf(String location) {
        return new Path(
                location.contains(":/") ? URI.create(location) : new File(location).toURI());
    }

    /** For Flink's option {@code execution.checkpointing.dir}. */
    public String uri() {
        return root.toString();
    }

    /** Where the savepoint of a clean stop goes. */
    public String stopsUri() {
        return new Path(root, STOPS).toString();
    }

    /** Where savepoints that a user asks for go. */
    public String savepointsUri() {
        return new Path(root, SAVEPOINTS).toString();
    }

    /**
     * The restore point that was completed last, or empty if the directory holds none.
     *
     * @throws ReplicationException CHECKPOINT_UNREADABLE if it cannot be read. An older one is
     *     never taken in its place: the source may have discarded the WAL that it needs.
     */
    public Optional<RestorePoint> newest() {
        Optional<FileStatus> newest;
        try {
            newest =
                    metadataFiles()
                            .max(
                                    Comparator.comparingLong(FileStatus::getModificationTime)
                                            .thenComparing(CheckpointDirectory::number));
        } catch (IOException | UncheckedListing e) {
            throw unreadable("checkpoint directory " + root + " cannot be listed: " + text(e), e);
        }
        return newest.map(this::read);
    }

    /**
     * A given restore point.
     *
     * @param path a checkpoint's or savepoint's directory, or its {@code _metadata} file
     * @throws ReplicationException CHECKPOINT_UNREADABLE if there is none
     */
    public static RestorePoint at(String path) {
        Path directory = rootOf(path);
        if (directory.getName().equals(METADATA)) {
            directory = directory.getParent();
        }
        try {
            Path metadata = new Path(directory, METADATA);
            FileStatus status = metadata.getFileSystem().getFileStatus(metadata);
            return read(status, false);
        } catch (IOException e) {
            throw unreadable(path + " is no complete checkpoint or savepoint: " + text(e), e);
        }
    }

    /**
     * Moves everything that a job could continue from out of sight, deleting nothing: into {@code
     * set-aside-{time}/}.
     *
     * @return where to; empty if there was nothing
     */
    public Optional<String> setAside() {
        Path aside = new Path(root, SET_ASIDE + System.currentTimeMillis());
        try {
            List<FileStatus> found =
                    children(root)
                            .filter(it -> !it.getPath().getName().startsWith(SET_ASIDE))
                            .toList();
            if (found.isEmpty()) {
                return Optional.empty();
            }
            FileSystem files = root.getFileSystem();
            files.mkdirs(aside);
            for (FileStatus directory : found) {
                Path to = new Path(aside, directory.getPath().getName());
                if (!files.rename(directory.getPath(), to)) {
                    throw new IOException(directory.getPath() + " cannot be moved to " + to);
                }
            }
            return Optional.of(aside.toString());
        } catch (IOException | UncheckedListing e) {
            throw unreadable("checkpoints in " + root + " cannot be set aside: " + text(e), e);
        }
    }

    private RestorePoint read(FileStatus metadata) {
        boolean savepointOfUser =
                metadata.getPath().getParent().getParent().getName().equals(SAVEPOINTS);
        return read(metadata, !savepointOfUser);
    }

    private static RestorePoint read(FileStatus metadata, boolean ours) {
        Path file = metadata.getPath();
        String directory = file.getParent().toString();
        try (FSDataInputStream in = file.getFileSystem().open(file);
                DataInputStream data = new DataInputStream(in)) {
            long id =
                    Checkpoints.loadCheckpointMetadata(
                                    data, CheckpointDirectory.class.getClassLoader(), directory)
                            .getCheckpointId();
            return new RestorePoint(
                    directory, id, Instant.ofEpochMilli(metadata.getModificationTime()), ours);
        } catch (IOException | RuntimeException e) {
            throw unreadable(
                    file
                            + " is not readable as checkpoint metadata: "
                            + text(e)
                            + ". Restore the file, or move "
                            + directory
                            + " away to continue from an older one (only if the slot still has the"
                            + " WAL since then)",
                    e);
        }
    }

    private Stream<FileStatus> metadataFiles() throws IOException {
        return children(root).flatMap(job -> children(job.getPath())).flatMap(this::metadataIn);
    }

    private Stream<FileStatus> metadataIn(FileStatus directory) {
        String name = directory.getPath().getName();
        if (!name.startsWith("chk-") && !name.startsWith("savepoint-")) {
            return Stream.empty();
        }
        // Listed and not asked for by name: the directory may be without it while being written.
        return list(directory.getPath())
                .filter(file -> file.getPath().getName().equals(METADATA) && !file.isDir());
    }

    private Stream<FileStatus> children(Path directory) {
        return list(directory).filter(FileStatus::isDir);
    }

    private Stream<FileStatus> list(Path directory) {
        try {
            FileStatus[] found = directory.getFileSystem().listStatus(directory);
            if (found == null && !directory.getFileSystem().exists(directory)) {
                return Stream.empty();
            }
            if (found == null) {
                throw new IOException(directory + " may not be listed");
            }
            return Stream.of(found);
        } catch (IOException e) {
            throw new UncheckedListing(e);
        }
    }

    /** {@code chk-10} is newer than {@code chk-9} if the clock does not tell them apart. */
    private static long number(FileStatus metadata) {
        String name = metadata.getPath().getParent().getName();
        return name.startsWith("chk-") ? Long.parseLong(name.substring(4)) : Long.MAX_VALUE;
    }

    private static String text(Exception e) {
        Throwable cause = e instanceof UncheckedListing ? e.getCause() : e;
        return cause.getClass().getSimpleName() + ": " + cause.getMessage();
    }

    private static ReplicationException unreadable(String message, @Nullable Throwable cause) {
        return new ReplicationException(ErrorCode.CHECKPOINT_UNREADABLE, message, cause);
    }

    /** Carries an IOException through a stream. */
    private static final class UncheckedListing extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UncheckedListing(IOException cause) {
            super(cause);
        }
    }
}
