package io.heliosdb.replication.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

    @TempDir Path directory;

    private final Results results = new Results();
    private final Report report = new Report(Map.of("cores", "2"), results);

    @Test
    void aRatioAboveOneAlwaysMeansThatOursIsFaster() {
        results.add(Measurement.INSERT, Contender.NATIVE, 100);
        results.add(Measurement.INSERT, Contender.OURS, 150);
        results.add(Measurement.LATENCY, Contender.NATIVE, 4);
        results.add(Measurement.LATENCY, Contender.OURS, 2);

        assertThat(results.ratio(Measurement.INSERT)).isEqualTo(1.5);
        assertThat(results.ratio(Measurement.LATENCY)).isEqualTo(2);
    }

    @Test
    void takesMedians() {
        assertThat(Results.median(List.of(9.0, 1.0, 2.0))).isEqualTo(2);
        assertThat(Results.median(List.of(1.0, 2.0, 3.0, 9.0))).isEqualTo(2.5);
        assertThat(Results.median(List.of())).isNaN();
        assertThat(Latency.percentile(new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 0.5))
                .isEqualTo(5);
        assertThat(Latency.percentile(new double[] {1, 2, 3}, 0.99)).isEqualTo(3);
    }

    @Test
    void writesATableAndJson() throws Exception {
        results.add(Measurement.INSERT, Contender.NATIVE, 123_456);
        results.add(Measurement.INSERT, Contender.OURS, 100_000);
        results.add(Measurement.INSERT, new Results.JvmUse(5.25, 200 << 20, 12));
        results.add(Measurement.INSERT, Contender.NATIVE, new Meter.Cost(200, 300, 1), 100);
        results.add(Measurement.INSERT, Contender.OURS, new Meter.Cost(250, 150, 1), 100);
        results.add(Measurement.LATENCY, Contender.NATIVE, 0.3);
        results.addTail(Measurement.LATENCY, Contender.NATIVE, 0.7);
        results.add(Measurement.LATENCY, Contender.OURS, 2.5);
        results.addTail(Measurement.LATENCY, Contender.OURS, 9);

        report.write(directory);

        assertThat(Files.readString(directory.resolve("benchmark.md")))
                .contains("- cores: 2")
                .contains(
                        "| 123,456 | 100,000 | 0.81 | 2.0 + 3.0 µs | 2.5 + 5.3 + 1.5 µs | 200 MiB |")
                .contains("| 0.30 / 0.70 | 2.50 / 9.00 | 0.12 |")
                .doesNotContain("first copy");
        JsonNode json = new ObjectMapper().readTree(directory.resolve("benchmark.json").toFile());
        assertThat(json.at("/measurements/insert/ours/rounds/0").asDouble()).isEqualTo(100_000);
        assertThat(json.at("/measurements/insert/jvm/0/heapPeakBytes").asLong())
                .isEqualTo(200 << 20);
        assertThat(json.at("/measurements/latency/native/p99").asDouble()).isEqualTo(0.7);
    }

    @Test
    void readsItsOptions() {
        BenchmarkOptions options =
                BenchmarkOptions.parse(
                        new String[] {"--only", "insert,copy", "--rounds", "5", "--heap", "2g"});

        assertThat(options.measurements()).isEqualTo(Set.of(Measurement.INSERT, Measurement.COPY));
        assertThat(options.rounds()).isEqualTo(5);
        assertThat(options.rows()).isEqualTo(400_000);
        assertThat(options.heap()).isEqualTo("2g");
        assertThatThrownBy(() -> BenchmarkOptions.parse(new String[] {"--fast", "1"}))
                .hasMessageContaining("usage");
        assertThatThrownBy(() -> BenchmarkOptions.parse(new String[] {"--rows", "0"}))
                .hasMessageContaining("--rows");
    }
}
