package io.heliosdb.replication.benchmark;

import io.heliosdb.replication.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the processes of one PostgreSQL server cost, read from {@code /proc}. Only Linux tells;
 * elsewhere every figure is NaN.
 */
final class ServerCpu {

    /** Linux counts in hundredths of a second, whatever the kernel's own tick is. */
    private static final double MICROS_PER_TICK = 10_000;

    private final String postmaster;

    private ServerCpu(String postmaster) {
        this.postmaster = postmaster;
    }

    static ServerCpu of(PostgresServer server) {
        return new ServerCpu(
                Databases.value(
                        server,
                        "postgres",
                        "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)"));
    }

    /** Processor time of all processes of the server since its start, ended ones included. */
    double micros() {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            long ticks = 0;
            List<Path> folders =
                    processes
                            .filter(path -> path.getFileName().toString().matches("\\d+"))
                            .toList();
            for (Path folder : folders) {
                ticks += ticks(folder);
            }
            return ticks * MICROS_PER_TICK;
        } catch (IOException e) {
            return Double.NaN;
        }
    }

    private long ticks(Path process) {
        String[] fields;
        try {
            String stat = Files.readString(process.resolve("stat"));
            fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        } catch (IOException e) {
            return 0; // it has ended; the postmaster's count has it
        }
        boolean parent = process.getFileName().toString().equals(postmaster);
        if (!parent && !fields[1].equals(postmaster)) {
            return 0;
        }
        long own = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        return parent ? own + Long.parseLong(fields[13]) + Long.parseLong(fields[14]) : own;
    }
}
