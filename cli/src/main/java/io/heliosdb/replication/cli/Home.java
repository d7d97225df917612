package io.heliosdb.replication.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** The source tree that the launcher runs from. */
public final class Home {

    private Home() {}

    /** The root of the tree; the launcher tells it. */
    public static Path path() {
        return Path.of(System.getProperty("heliosdb.home", "")).toAbsolutePath().normalize();
    }

    /** Where everything goes that is made at run time; never under version control. */
    public static Path work() {
        return path().resolve(".heliosdb");
    }

    /** The job with all it needs but Flink. */
    public static Path jobJar() {
        return existing("job/target/heliosdb-replication-job.jar");
    }

    /** A file of the tree, or an error that tells how it comes to be. */
    public static Path existing(String name) {
        Path file = path().resolve(name);
        if (!Files.exists(file)) {
            throw new IllegalStateException(
                    file + " is missing: run the launcher heliosdb-cli, which builds it");
        }
        return file;
    }
}
