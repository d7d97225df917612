package io.heliosdb.replication.benchmark;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The figures as a markdown table for people and as JSON for machines. */
final class Report {

    private final Map<String, String> facts;
    private final Results results;

    Report(Map<String, String> facts, Results results) {
        this.facts = facts;
        this.results = results;
    }

    String markdown() {
        StringBuilder text = new StringBuilder();
        facts.forEach(
                (name, value) ->
                        text.append("- ").append(name).append(": ").append(value).append('\n'));
        text.append(
                """

                | measured | unit | PostgreSQL's own | HeliosDB | ratio | CPU per row: its source + target | ours: source + JVM + target | peak heap |
                |---|---|---:|---:|---:|---:|---:|---:|
                """);
        for (Measurement measurement : Measurement.values()) {
            if (!results.samples(measurement, Contender.OURS).isEmpty()) {
                row(text, measurement);
            }
        }
        text.append(
                "\nMedians of the measured rounds. A ratio above 1 means that HeliosDB is faster."
                        + " CPU is processor time of all processes of a server and all threads of the"
                        + " job's JVM; peak heap includes garbage.\n");
        return text.toString();
    }

    private void row(StringBuilder text, Measurement measurement) {
        List<Results.JvmUse> uses = results.uses(measurement);
        double cpu = Results.median(uses.stream().map(Results.JvmUse::cpuMicrosPerRow).toList());
        long heap = uses.stream().mapToLong(Results.JvmUse::heapPeakBytes).max().orElse(0);
        text.append(
                String.format(
                        Locale.ROOT,
                        "| %s | %s | %s | %s | %.2f | %s | %s | %s |%n",
                        measurement.title(),
                        measurement.tailed()
                                ? measurement.unit() + ", p50 / p99"
                                : measurement.unit(),
                        figure(measurement, Contender.NATIVE),
                        figure(measurement, Contender.OURS),
                        results.ratio(measurement),
                        micros(
                                Results.median(results.sourceMicros(measurement, Contender.NATIVE)),
                                Results.median(
                                        results.targetMicros(measurement, Contender.NATIVE))),
                        micros(
                                Results.median(results.sourceMicros(measurement, Contender.OURS)),
                                cpu,
                                Results.median(results.targetMicros(measurement, Contender.OURS))),
                        heap == 0 ? "" : (heap >> 20) + " MiB"));
    }

    /** What is known of these, as a sum. */
    private static String micros(double... figures) {
        String sum =
                Arrays.stream(figures)
                        .filter(figure -> !Double.isNaN(figure))
                        .mapToObj(figure -> String.format(Locale.ROOT, "%.1f", figure))
                        .collect(Collectors.joining(" + "));
        return sum.isEmpty() ? "" : sum + " µs";
    }

    private String figure(Measurement measurement, Contender contender) {
        double median = Results.median(results.samples(measurement, contender));
        return measurement.tailed()
                ? String.format(
                        Locale.ROOT,
                        "%.2f / %.2f",
                        median,
                        Results.median(results.tails(measurement, contender)))
                : String.format(Locale.ROOT, "%,.0f", median);
    }

    /** Writes benchmark.md and benchmark.json. */
    void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("benchmark.md"), markdown());
        ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        ObjectNode root = mapper.createObjectNode();
        ObjectNode machine = root.putObject("machine");
        facts.forEach(machine::put);
        ObjectNode measured = root.putObject("measurements");
        for (Measurement measurement : Measurement.values()) {
            if (results.samples(measurement, Contender.OURS).isEmpty()) {
                continue;
            }
            ObjectNode node = measured.putObject(measurement.name().toLowerCase(Locale.ROOT));
            node.put("title", measurement.title());
            node.put("unit", measurement.unit());
            node.put("ratio", results.ratio(measurement));
            for (Contender contender : Contender.values()) {
                ObjectNode side = node.putObject(contender.name().toLowerCase(Locale.ROOT));
                side.put("median", Results.median(results.samples(measurement, contender)));
                results.samples(measurement, contender).forEach(side.withArray("/rounds")::add);
                results.sourceMicros(measurement, contender)
                        .forEach(side.withArray("/sourceCpuMicrosPerRow")::add);
                results.targetMicros(measurement, contender)
                        .forEach(side.withArray("/targetCpuMicrosPerRow")::add);
                if (measurement.tailed()) {
                    side.put("p99", Results.median(results.tails(measurement, contender)));
                }
            }
            for (Results.JvmUse use : results.uses(measurement)) {
                node.withArray("/jvm")
                        .addObject()
                        .put("cpuMicrosPerRow", use.cpuMicrosPerRow())
                        .put("heapPeakBytes", use.heapPeakBytes())
                        .put("collectorMillis", use.collectorMillis());
            }
        }
        mapper.writeValue(directory.resolve("benchmark.json").toFile(), root);
    }
}
