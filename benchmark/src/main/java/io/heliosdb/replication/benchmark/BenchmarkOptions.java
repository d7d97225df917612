package io.heliosdb.replication.benchmark;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * What is run, and how much of it.
 *
 * @param rounds measured, after one that is not
 * @param rows inserted and updated per round
 * @param transactions small ones per round
 * @param copiedRows in the first copy
 * @param latencySeconds of paced transactions per round
 * @param heap of the job's JVM, as for -Xmx
 * @param nativeSynchronous whether PostgreSQL's subscription commits with synchronous_commit on, as
 *     ours does; its default is off
 */
record BenchmarkOptions(
        Set<Measurement> measurements,
        int rounds,
        int rows,
        int transactions,
        int copiedRows,
        int latencySeconds,
        String heap,
        boolean nativeSynchronous,
        Path output) {

    static final String USAGE =
            """
            usage: benchmark/run.sh [options]
              --only LIST        of insert,update,oltp,latency,copy (default all)
              --rounds N         measured rounds after one warm-up (default 3)
              --rows N           inserted and updated per round (default 400000)
              --transactions N   small ones per round (default 20000)
              --copied-rows N    of the first copy (default 1000000)
              --latency-seconds N (default 15)
              --heap SIZE        -Xmx of the job's JVM (default 1g)
              --native-commit on|off  synchronous_commit of PostgreSQL's subscription (default off, as
                                 PostgreSQL's own default is; ours is always on)
              --output DIR       for benchmark.json and benchmark.md (default benchmark/results)
            """;

    static BenchmarkOptions parse(String[] arguments) {
        Set<Measurement> measurements = EnumSet.allOf(Measurement.class);
        int rounds = 3;
        int rows = 400_000;
        int transactions = 20_000;
        int copiedRows = 1_000_000;
        int latencySeconds = 15;
        String heap = "1g";
        boolean nativeSynchronous = false;
        Path output = Path.of("benchmark", "results");
        for (int i = 0; i < arguments.length; i += 2) {
            if (i + 1 == arguments.length) {
                throw new IllegalArgumentException(USAGE);
            }
            String value = arguments[i + 1];
            switch (arguments[i]) {
                case "--only" -> {
                    measurements = EnumSet.noneOf(Measurement.class);
                    for (String name : value.split(",")) {
                        measurements.add(Measurement.valueOf(name.toUpperCase(Locale.ROOT)));
                    }
                }
                case "--rounds" -> rounds = positive(arguments[i], value);
                case "--rows" -> rows = positive(arguments[i], value);
                case "--transactions" -> transactions = positive(arguments[i], value);
                case "--copied-rows" -> copiedRows = positive(arguments[i], value);
                case "--latency-seconds" -> latencySeconds = positive(arguments[i], value);
                case "--heap" -> heap = value;
                case "--native-commit" -> nativeSynchronous = value.equals("on");
                case "--output" -> output = Path.of(value);
                default -> throw new IllegalArgumentException(USAGE);
            }
        }
        return new BenchmarkOptions(
                measurements,
                rounds,
                rows,
                transactions,
                copiedRows,
                latencySeconds,
                heap,
                nativeSynchronous,
                output.toAbsolutePath());
    }

    private static int positive(String name, String value) {
        int number = Integer.parseInt(value);
        if (number < 1) {
            throw new IllegalArgumentException(name + " must be positive, got " + value);
        }
        return number;
    }
}
