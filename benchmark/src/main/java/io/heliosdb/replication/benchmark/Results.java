package io.heliosdb.replication.benchmark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The figures of all measured rounds. */
final class Results {

    /**
     * What the job's JVM used in one round.
     *
     * @param cpuMicrosPerRow processor time of all its threads per changed row
     */
    record JvmUse(double cpuMicrosPerRow, long heapPeakBytes, long collectorMillis) {}

    private final Map<Measurement, Map<Contender, List<Double>>> samples =
            new EnumMap<>(Measurement.class);
    private final Map<Measurement, Map<Contender, List<Double>>> tails =
            new EnumMap<>(Measurement.class);
    private final Map<Measurement, Map<Contender, List<Double>>> sourceMicros =
            new EnumMap<>(Measurement.class);
    private final Map<Measurement, Map<Contender, List<Double>>> targetMicros =
            new EnumMap<>(Measurement.class);
    private final Map<Measurement, List<JvmUse>> uses = new EnumMap<>(Measurement.class);

    void add(Measurement measurement, Contender contender, double value) {
        list(samples, measurement, contender).add(value);
    }

    /** The 99th percentile of a latency whose median is a sample. */
    void addTail(Measurement measurement, Contender contender, double value) {
        list(tails, measurement, contender).add(value);
    }

    void add(Measurement measurement, JvmUse use) {
        uses.computeIfAbsent(measurement, any -> new ArrayList<>()).add(use);
    }

    /** What the servers spent on a round of so many rows. */
    void add(Measurement measurement, Contender contender, Meter.Cost cost, int rows) {
        list(sourceMicros, measurement, contender).add(cost.sourceMicros() / rows);
        list(targetMicros, measurement, contender).add(cost.targetMicros() / rows);
    }

    /** Processor time of the source server per row, µs. */
    List<Double> sourceMicros(Measurement measurement, Contender contender) {
        return sourceMicros.getOrDefault(measurement, Map.of()).getOrDefault(contender, List.of());
    }

    /** Processor time of the target server per row, µs. */
    List<Double> targetMicros(Measurement measurement, Contender contender) {
        return targetMicros.getOrDefault(measurement, Map.of()).getOrDefault(contender, List.of());
    }

    private static List<Double> list(
            Map<Measurement, Map<Contender, List<Double>>> map,
            Measurement measurement,
            Contender contender) {
        return map.computeIfAbsent(measurement, any -> new EnumMap<>(Contender.class))
                .computeIfAbsent(contender, any -> new ArrayList<>());
    }

    List<Double> samples(Measurement measurement, Contender contender) {
        return samples.getOrDefault(measurement, Map.of()).getOrDefault(contender, List.of());
    }

    List<Double> tails(Measurement measurement, Contender contender) {
        return tails.getOrDefault(measurement, Map.of()).getOrDefault(contender, List.of());
    }

    List<JvmUse> uses(Measurement measurement) {
        return uses.getOrDefault(measurement, List.of());
    }

    /** How good ours is against native: above 1 is better. */
    double ratio(Measurement measurement) {
        double ours = median(samples(measurement, Contender.OURS));
        double theirs = median(samples(measurement, Contender.NATIVE));
        return measurement.moreIsBetter() ? ours / theirs : theirs / ours;
    }

    static double median(List<Double> values) {
        if (values.isEmpty()) {
            return Double.NaN;
        }
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1
                ? sorted[middle]
                : Arrays.stream(sorted, middle - 1, middle + 1).average().orElseThrow();
    }
}
