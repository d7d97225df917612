package io.heliosdb.replication.cli.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A process that outlives us, known by its pid file.
 *
 * <p>The file holds pid and start time, so a pid that the system gave to somebody else is not taken
 * for ours.
 */
final class Daemon {

    private static final Duration POLITE = Duration.ofSeconds(20);

    private final String name;
    private final Path directory;

    Daemon(String name, Path directory) {
        this.name = name;
        this.directory = directory;
    }

    String name() {
        return name;
    }

    Path log() {
        return directory.resolve(name + ".log");
    }

    /** What the JVM itself says, and crashes before logging begins. */
    Path output() {
        return directory.resolve(name + ".out");
    }

    /** Starts it detached: neither Ctrl-C nor the end of the terminal's session reach it. */
    void start(List<String> command) throws IOException {
        List<String> detached = new ArrayList<>();
        // Ignored signals stay ignored in what is executed, and the JVM respects that.
        detached.addAll(List.of("bash", "-c", "trap '' HUP INT; exec \"$@\"", name));
        detached.addAll(command);
        Process process =
                new ProcessBuilder(detached)
                        .directory(directory.toFile())
                        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                        .redirectErrorStream(true)
                        .redirectOutput(output().toFile())
                        .start();
        Files.writeString(
                pidFile(), process.pid() + " " + startOf(process.toHandle()).toEpochMilli() + "\n");
    }

    /** The process, if it is alive. */
    Optional<ProcessHandle> process() {
        try {
            String[] words = Files.readString(pidFile()).strip().split(" ");
            Instant started = Instant.ofEpochMilli(Long.parseLong(words[1]));
            return ProcessHandle.of(Long.parseLong(words[0]))
                    .filter(ProcessHandle::isAlive)
                    .filter(handle -> startOf(handle).equals(started))
                    .filter(handle -> !isZombie(handle));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** Returns at once when one of them ends or is not alive, else after the time. */
    static boolean anyEndsWithin(Duration limit, List<Daemon> daemons) throws InterruptedException {
        CompletableFuture<?>[] ends =
                daemons.stream()
                        .flatMap(daemon -> daemon.process().stream())
                        .map(ProcessHandle::onExit)
                        .toArray(CompletableFuture<?>[]::new);
        if (ends.length == daemons.size()) {
            endsWithin(CompletableFuture.anyOf(ends), limit);
        }
        return daemons.stream().anyMatch(daemon -> daemon.process().isEmpty());
    }

    /** Ends it, politely first; waits for the end. Does nothing if it is not alive. */
    void stop() throws IOException, InterruptedException {
        Optional<ProcessHandle> alive = process();
        if (alive.isPresent()) {
            alive.get().destroy();
            if (!endsWithin(alive.get().onExit(), POLITE)) {
                alive.get().destroyForcibly();
                endsWithin(alive.get().onExit(), POLITE);
            }
        }
        Files.deleteIfExists(pidFile());
    }

    /** Dead, and its new parent has not taken notice: {@link ProcessHandle} calls it alive. */
    private static boolean isZombie(ProcessHandle process) {
        try {
            String stat = Files.readString(Path.of("/proc", String.valueOf(process.pid()), "stat"));
            return stat.startsWith(" Z", stat.lastIndexOf(')') + 1);
        } catch (IOException e) {
            // Not Linux, or just gone.
            return false;
        }
    }

    private static boolean endsWithin(Future<?> exit, Duration limit) throws InterruptedException {
        try {
            exit.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException | ExecutionException e) {
            return false;
        }
    }

    /** To the millisecond: what the pid file holds. Constant for a process. */
    private static Instant startOf(ProcessHandle process) {
        return Instant.ofEpochMilli(
                process.info().startInstant().orElse(Instant.EPOCH).toEpochMilli());
    }

    private Path pidFile() {
        return directory.resolve(name + ".pid");
    }
}
