package io.heliosdb.replication.control.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.client.Collector.Type;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReplicationMetricTest {

    @Test
    void theReadmeHasEachAndNoOther() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        Set<String> documented = new TreeSet<>();
        Pattern.compile("`(heliosdb_(?!api_|control)[a-z0-9_]+)`")
                .matcher(readme)
                .results()
                .forEach(it -> documented.add(it.group(1)));
        Set<String> told = new TreeSet<>();
        for (ReplicationMetric metric : ReplicationMetric.values()) {
            told.add(metric.text());
            assertThat(metric.type() == Type.COUNTER)
                    .as(metric.text())
                    .isEqualTo(metric.text().endsWith("_total"));
        }
        assertThat(documented).isEqualTo(told);
    }
}
