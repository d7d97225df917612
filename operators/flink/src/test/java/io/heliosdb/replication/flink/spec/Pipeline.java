package io.heliosdb.replication.flink.spec;

import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.ReplicationRule;
import io.heliosdb.replication.model.config.TableFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A configuration file with a replication for each of some tenants. */
final class Pipeline {

    final Path file;

    Pipeline(Path directory) {
        this.file = directory.resolve("pipeline.yaml");
    }

    static List<ReplicationRule> rules(String... tenants) {
        return Stream.of(tenants)
                .map(
                        tenant ->
                                new ReplicationRule(
                                        tenant,
                                        tenant,
                                        "main",
                                        TableFilter.ALL,
                                        Tier.STANDARD,
                                        50,
                                        false,
                                        ExistingRows.FAIL))
                .toList();
    }

    static String text(String... tenants) {
        return """
        source: {url: 'jdbc:postgresql://h/s', user: u, slot: s, publication: p}
        tenancy: {column: tenant_id}
        targets: [{name: main, url: 'jdbc:postgresql://h/t', user: u}]
        job: {checkpoint-directory: c}
        replications:
        """
                + Stream.of(tenants)
                        .map(it -> "- {name: " + it + ", tenant: " + it + ", target: main}\n")
                        .collect(Collectors.joining());
    }

    void write(String text) throws IOException {
        Files.writeString(file, text);
    }

    void delete() throws IOException {
        Files.delete(file);
    }
}
