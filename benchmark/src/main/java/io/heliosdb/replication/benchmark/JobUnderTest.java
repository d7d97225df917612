package io.heliosdb.replication.benchmark;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Starts {@link JobProcess} and asks it what it uses. */
final class JobUnderTest implements AutoCloseable {

    /**
     * What the job's JVM has used.
     *
     * @param cpuNanos of all its threads since its start
     * @param heapPeakBytes largest use, garbage included, since the last reset
     */
    record Usage(long cpuNanos, long collectorMillis, long heapPeakBytes) {}

    private static final int TOLD_LINES = 20;

    private final Process process;
    private final Path errors;
    private final BufferedReader out;
    private final BufferedWriter in;

    private JobUnderTest(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        this.out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
        this.in =
                new BufferedWriter(
                        new OutputStreamWriter(
                                process.getOutputStream(), StandardCharsets.US_ASCII));
    }

    /** Starts the job with this configuration; returns once it is submitted. */
    static JobUnderTest start(Path config, String heap, Path log) {
        return start(config, heap, log, List.of());
    }

    /**
     * As above.
     *
     * @param more options of its JVM
     */
    static JobUnderTest start(Path config, String heap, Path log, List<String> more) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx" + heap);
        String options = System.getProperty("benchmark.java.opts");
        if (options != null && Files.exists(Path.of(options))) {
            command.add("@" + options);
        }
        String wanted = System.getenv("HELIOSDB_JOB_JAVA_OPTS");
        if (wanted != null && !wanted.isBlank()) {
            command.addAll(List.of(wanted.trim().split("\\s+")));
        }
        command.addAll(more);
        command.add("-Dlog.file=" + log);
        command.addAll(
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        JobProcess.class.getName(),
                        config.toString()));
        try {
            Path errors = log.resolveSibling("job.err");
            Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            JobUnderTest job = new JobUnderTest(process, errors);
            job.answer();
            return job;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Usage usage() {
        return ask("usage");
    }

    /** Forgets the peak; returns the usage from which to count. */
    Usage reset() {
        return ask("reset");
    }

    private Usage ask(String request) {
        try {
            in.write(request + "\n");
            in.flush();
            String[] figures = answer().split(" ");
            return new Usage(
                    Long.parseLong(figures[0]),
                    Long.parseLong(figures[1]),
                    Long.parseLong(figures[2]));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String answer() throws IOException {
        String line;
        while ((line = out.readLine()) != null) {
            if (line.startsWith(JobProcess.PREFIX)) {
                return line.substring(JobProcess.PREFIX.length());
            }
        }
        throw new IOException(ended());
    }

    /**
     * @throws IllegalStateException if its process has ended
     */
    void requireRunning() {
        if (!process.isAlive()) {
            throw new IllegalStateException(ended());
        }
    }

    private String ended() {
        try {
            List<String> lines = Files.readAllLines(errors);
            return "the job's process has ended:\n"
                    + String.join(
                            "\n",
                            lines.subList(Math.max(0, lines.size() - TOLD_LINES), lines.size()));
        } catch (IOException e) {
            return "the job's process has ended, and what it said cannot be read: " + e;
        }
    }

    @Override
    public void close() {
        try {
            in.close();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
