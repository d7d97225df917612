package io.heliosdb.replication.benchmark;

import java.nio.file.Path;
import java.util.List;

/**
 * How much of what is written in {@link Limits}.
 *
 * @param rows that the one tenant loads
 * @param batch rows of each of its transactions
 * @param rate its rows per second; 0 for as many as one session can
 * @param bandwidth bytes of changes per second that may go to the target; 0 for no bound
 * @param indexes of the target's table, beside its key: each makes it slower
 * @param premium tenants with {@code premiumRate} transactions per second each
 * @param standard tenants with one transaction per second each
 * @param idleSeconds without the load, to compare with
 */
record LimitsOptions(
        int rows,
        int batch,
        int rate,
        int indexes,
        int premium,
        int premiumRate,
        int standard,
        int idleSeconds,
        int bandwidth,
        String heap,
        List<String> schedules,
        Path output) {

    static final String USAGE =
            """
            usage: benchmark/run.sh limits [options]
              --rows N           that the best-effort tenant loads (default 5000000)
              --batch N          rows of each of its COPY transactions (default 20000)
              --rate N           its rows per second, 0 for as many as one session can (default 60000)
              --indexes N        of the target's table beside its key, 0 to 4 (default 1)
              --bandwidth N      bytes of changes per second to the target, 0 for no bound (default 8000000)
              --premium N        tenants (default 20)
              --premium-rate N   transactions per second of each (default 50)
              --standard N       tenants with a transaction per second each (default 50)
              --idle-seconds N   without the load, to compare with (default 10)
              --heap SIZE        -Xmx of the job's JVM (default 1g)
              --schedules LIST   of tiers,fifo (default both)
              --output DIR       for limits.md, limits.json and limits.svg (default benchmark/results)
            """;

    static LimitsOptions parse(String[] arguments) {
        LimitsOptions options =
                new LimitsOptions(
                        5_000_000,
                        20_000,
                        60_000,
                        1,
                        20,
                        50,
                        50,
                        10,
                        8_000_000,
                        "1g",
                        List.of("tiers", "fifo"),
                        Path.of("benchmark", "results").toAbsolutePath());
        for (int i = 0; i < arguments.length; i += 2) {
            if (i + 1 == arguments.length) {
                throw new IllegalArgumentException(USAGE);
            }
            options = options.with(arguments[i], arguments[i + 1]);
        }
        return options;
    }

    private LimitsOptions with(String name, String value) {
        return switch (name) {
            case "--rows" -> numbers(0, value);
            case "--batch" -> numbers(1, value);
            case "--rate" -> numbers(2, value);
            case "--indexes" -> numbers(3, value);
            case "--premium" -> numbers(4, value);
            case "--premium-rate" -> numbers(5, value);
            case "--standard" -> numbers(6, value);
            case "--idle-seconds" -> numbers(7, value);
            case "--bandwidth" -> numbers(8, value);
            case "--heap" -> copy(figures(), value, schedules, output);
            case "--schedules" -> copy(figures(), heap, List.of(value.split(",")), output);
            case "--output" -> copy(figures(), heap, schedules, Path.of(value).toAbsolutePath());
            default -> throw new IllegalArgumentException(USAGE);
        };
    }

    private int[] figures() {
        return new int[] {
            rows, batch, rate, indexes, premium, premiumRate, standard, idleSeconds, bandwidth
        };
    }

    private LimitsOptions numbers(int at, String value) {
        int[] figures = figures();
        figures[at] = Integer.parseInt(value);
        if (figures[at] < 0) {
            throw new IllegalArgumentException("must not be negative: " + value);
        }
        return copy(figures, heap, schedules, output);
    }

    private static LimitsOptions copy(
            int[] figures, String heap, List<String> schedules, Path output) {
        return new LimitsOptions(
                figures[0],
                figures[1],
                figures[2],
                figures[3],
                figures[4],
                figures[5],
                figures[6],
                figures[7],
                figures[8],
                heap,
                schedules,
                output);
    }
}
