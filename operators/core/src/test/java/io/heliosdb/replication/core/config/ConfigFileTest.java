package io.heliosdb.replication.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.BacklogConfig;
import io.heliosdb.replication.model.config.CompressionLevel;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.DdlPolicy;
import io.heliosdb.replication.model.config.DdlRules;
import io.heliosdb.replication.model.config.DdlTag;
import io.heliosdb.replication.model.config.EncryptionConfig;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.JobConfig;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.ReplicationRule;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.ServiceConfig;
import io.heliosdb.replication.model.config.SourceConfig;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.TargetConfig;
import io.heliosdb.replication.model.config.TenancyConfig;
import io.heliosdb.replication.model.config.WhenFull;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigFileTest {

    static final String LEAST =
            """
            source:
              url: jdbc:postgresql://db/app
              user: repl
              slot: helios
              publication: tenants
            tenancy:
              column: tenant_id
            targets:
              - name: dr
                url: jdbc:postgresql://dr/app
                user: writer
            replications:
              - name: acme
                tenant: 42
                target: dr
            job:
              checkpoint-directory: state
            """;

    @TempDir Path directory;

    @Test
    void defaults() {
        PipelineConfig config = read(LEAST);

        assertThat(config)
                .isEqualTo(
                        new PipelineConfig(
                                new SourceConfig(
                                        new DatabaseConfig(
                                                "jdbc:postgresql://db/app", "repl", Secret.EMPTY),
                                        "helios",
                                        "tenants",
                                        SourceConfig.DEFAULT_HEARTBEAT,
                                        SourceConfig.DEFAULT_STATUS),
                                new TenancyConfig("tenant_id", Map.of(), null, Set.of()),
                                List.of(
                                        new TargetConfig(
                                                "dr",
                                                new DatabaseConfig(
                                                        "jdbc:postgresql://dr/app",
                                                        "writer",
                                                        Secret.EMPTY),
                                                TargetConfig.DEFAULT_LANES)),
                                List.of(
                                        new ReplicationRule(
                                                "acme",
                                                "42",
                                                "dr",
                                                TableFilter.ALL,
                                                Tier.STANDARD,
                                                ReplicationRule.DEFAULT_PRIORITY,
                                                false,
                                                ExistingRows.FAIL)),
                                new JobConfig(
                                        JobConfig.DEFAULT_NAME,
                                        directory.resolve("state").toString(),
                                        JobConfig.DEFAULT_CHECKPOINT_INTERVAL,
                                        1,
                                        JobConfig.DEFAULT_BACKLOG_MEMORY,
                                        JobConfig.DEFAULT_PART_BYTES,
                                        JobConfig.DEFAULT_SYNC_WORKERS)));
    }

    @Test
    void explicitMapping() throws IOException {
        Files.writeString(directory.resolve("target.secret"), "from-file\n");

        PipelineConfig config =
                read(
                        """
                        source:
                          url: jdbc:postgresql://${env:HOST}:5432/app
                          user: repl
                          password: ${env:PW}
                          slot: helios
                          publication: tenants
                          heartbeat: 500ms
                          status: 2s
                        tenancy:
                          column: tenant_id
                          tables: {"public.orgs": id, "Sales.Deals": "Org"}
                          schema-pattern: tenant_(.+)
                          reference-tables: [public.countries, plans]
                        targets:
                          - {name: dr, url: "jdbc:postgresql://dr/app", user: w,
                             password: "${file:target.secret}", lanes: 8, max-bandwidth: 20MB}
                        replications:
                          - name: big
                            tenant: "acme*"
                            target: dr
                            tables:
                              include: [public.*]
                              exclude: [public.logs]
                            tier: best-effort
                            priority: 90
                            max-lag: 90s
                            own-connection: true
                            max-bandwidth: 1MiB
                            paused: true
                            existing-rows: replace
                            ddl: apply
                            ddl-allow: [add-column, index]
                            compression: low
                            backlog:
                              memory: 4MiB
                              max-size: 2GiB
                              max-age: 6h
                              when-full: drop-and-resync
                        job:
                          name: mover
                          checkpoint-directory: s3://bucket/state
                          checkpoint-interval: 2m
                          parallelism: 3
                          backlog-memory: 1GiB
                          transaction-part: 64KiB
                          sync-workers: 5
                          encryption:
                            master-keys: master.json
                            data-keys: /shared/keys
                        """);

        assertThat(config)
                .isEqualTo(
                        new PipelineConfig(
                                new SourceConfig(
                                        new DatabaseConfig(
                                                "jdbc:postgresql://h1:5432/app",
                                                "repl",
                                                new Secret("s3cr3t")),
                                        "helios",
                                        "tenants",
                                        Duration.ofMillis(500),
                                        Duration.ofSeconds(2)),
                                new TenancyConfig(
                                        "tenant_id",
                                        Map.of(
                                                new TableId("public", "orgs"), "id",
                                                new TableId("Sales", "Deals"), "Org"),
                                        "tenant_(.+)",
                                        Set.of(
                                                new TableId("public", "countries"),
                                                new TableId("public", "plans"))),
                                List.of(
                                        new TargetConfig(
                                                "dr",
                                                new DatabaseConfig(
                                                        "jdbc:postgresql://dr/app",
                                                        "w",
                                                        new Secret("from-file")),
                                                8,
                                                20_000_000)),
                                List.of(
                                        new ReplicationRule(
                                                "big",
                                                "acme*",
                                                "dr",
                                                new TableFilter(
                                                        List.of("public.*"),
                                                        List.of("public.logs")),
                                                Tier.BEST_EFFORT,
                                                90,
                                                true,
                                                ExistingRows.REPLACE,
                                                new DdlRules(
                                                        DdlPolicy.APPLY,
                                                        Set.of(DdlTag.ADD_COLUMN, DdlTag.INDEX)),
                                                new BacklogConfig(
                                                        CompressionLevel.LOW,
                                                        4 << 20,
                                                        2L << 30,
                                                        Duration.ofHours(6),
                                                        WhenFull.DROP_AND_RESYNC),
                                                new ServiceConfig(
                                                        Duration.ofSeconds(90), true, 1 << 20))),
                                new JobConfig(
                                        "mover",
                                        "s3://bucket/state",
                                        Duration.ofMinutes(2),
                                        3,
                                        1L << 30,
                                        64 << 10,
                                        5,
                                        new EncryptionConfig(
                                                directory.resolve("master.json").toString(),
                                                "/shared/keys"))));
    }

    /** One change to the least file, and what is to be said of it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "slot: helios | slto: helios | :4:3: source.slto: unknown key, did you mean 'slot'?",
                "slot: helios | slto: helios | :2:3: source.slot: is missing",
                "slot: helios | slot: Helios-1 | :4:9: source.slot: may have lower-case letters",
                "slot: helios | slot: | :4:8: source.slot: must not be empty",
                "column: tenant_id | column: ~ | tenancy.column: must have a single value, but has nothing",
                "checkpoint-directory: state | | :16:5: job: must have keys below it (name, checkpoint-directory",
                "slot: helios | slot: [a] | :4:9: source.slot: must have a single value, but has a list",
                "slot: helios | heartbeat: 10 | :4:14: source.heartbeat: must be a duration with unit (ms, s, m, h), e.g. 10s, got '10'",
                "slot: helios | slot: helios\\n  heartbeat: 2h | source.heartbeat: must be between",
                "slot: helios | user: again | :4:3: source.user: key stands twice, first in line 3",
                "url: jdbc:postgresql://db/app | url: mysql://db/app | :2:8: source.url: must start with jdbc:postgresql://, got 'mysql://db/app'",
                "publication: tenants | publication: '${env:NOPE}' | :5:16: source.publication: environment variable 'NOPE' is not set",
                "publication: tenants | publication: '${file:nope}' | source.publication: file",
                "publication: tenants | publication: '${nope}' | source.publication: unknown reference ${nope}: use ${env:NAME}",
                "publication: tenants | publication: '${env:PW' | source.publication: reference is not closed with '}'",
                "column: tenant_id | colum: tenant_id | tenancy.colum: unknown key, did you mean 'column'?",
                "column: tenant_id | schema-pattern: '(' | tenancy.schema-pattern: is not a regular expression",
                "column: tenant_id | schema-pattern: tenant_.+ | tenancy.schema-pattern: needs exactly one group",
                "column: tenant_id | tables: {'public.': x} | tenancy.tables.public.: must be schema.table or table, got 'public.'",
                "column: tenant_id | tables: [a] | tenancy.tables: must be keys with values below it, but is a list",
                "column: tenant_id | reference-tables: public.x | tenancy.reference-tables: must be a list, e.g. [a, b], but is the single value 'public.x'",
                "name: dr | name: d r | targets[0]: target name may have",
                "user: writer | lanes: many | targets[0].lanes: must be a whole number, got 'many'",
                "user: writer | user: w\\n    lanes: 0 | targets[0].lanes: must be between 1 and 64, got 0",
                "target: dr | target: rd | :15:13: replications[0].target: no target 'rd', did you mean 'dr'?",
                "tenant: 42 | tier: premum | replications[0].tier: unknown value 'premum', did you mean 'premium'?",
                "tenant: 42 | compression: zstd | replications[0].compression: unknown value 'zstd'; known: none, low, medium, high",
                "tenant: 42 | tenant: 42\\n    backlog: {when-full: pause} | replications[0].backlog.when-full: unknown value 'pause'; known: alarm, drop-and-resync",
                "tenant: 42 | tenant: 42\\n    max-lag: 5ms | replications[0].max-lag: must be between 0.1s and 24h, got 0.005s",
                "tenant: 42 | tenant: 42\\n    max-bandwidth: 1B | replications[0].max-bandwidth: must be between 16384 and",
                "tenant: 42 | tenant: 42\\n    backlog: {max-size: 1B} | replications[0].backlog: backlog.max-size must be between",
                "tenant: 42 | tenant: 42\\n    backlog: {max-age: 1ms} | replications[0].backlog: backlog.max-age must be between",
                "checkpoint-directory: state | checkpoint-directory: state\\n  encryption: {data-keys: k} | job.encryption: master-keys is missing",
                "tenant: 42 | existing-rows: keep | replications[0].existing-rows: unknown value 'keep'; known: fail, replace",
                "tenant: 42 | ddl-allow: [add-column, dorp-table] | replications[0].ddl-allow[1]: unknown value 'dorp-table', did you mean 'drop-table'?",
                "tenant: 42 | tenant: 42\\n    ddl-allow: [] | replications[0].ddl-allow: must name a kind of DDL; to allow none, say ddl: pause",
                "tenant: 42 | tenant: 42\\n    ddl: pause\\n    ddl-allow: [index] | replications[0].ddl-allow: tells what 'ddl: apply' carries out, but ddl is pause",
                "tenant: 42 | paused: yes | replications[0].paused: must be true or false, got 'yes'",
                "tenant: 42 | tenant: 42\\n    priority: 101 | replications[0].priority: must be between 0 and 100, got 101",
                "checkpoint-directory: state | backlog-memory: 5 | job.backlog-memory: must be a size with unit",
                "checkpoint-directory: state | backlog-memory: 9223372036GiB | job.backlog-memory: is too large",
                "checkpoint-directory: state | checkpoint-directory: state\\n  transaction-part: 8GiB | job.transaction-part: must be between",
                "checkpoint-directory: state | checkpoint-directory: '' | job.checkpoint-directory: must not be empty",
                "targets: | sinks: | :8:1: sinks: unknown key; known: source, tenancy, targets, replications, job",
                "user: repl | user: *anchor | source.user: aliases (*name) are not supported",
                "user: repl | user: 'open | not valid YAML: while scanning a quoted scalar",
                "user: repl | \\tuser: repl | :3:3: not valid YAML",
                "user: repl | password: hunter22 hunter: x | not valid YAML: mapping values are not allowed here",
            })
    void tellsWhereAndWhatIsWrong(String original, String changed, String expected) {
        assertThat(LEAST).contains(original);

        ReplicationException e =
                failure(
                        LEAST.replace(
                                original,
                                (changed == null ? "" : changed)
                                        .replace("\\t", "\t")
                                        .replace("\\n", "\n")));

        assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
        assertThat(e.getMessage()).contains(expected).contains("config.yaml:");
    }

    @Test
    void tellsAllProblemsInTheOrderOfTheFile() {
        ReplicationException e =
                failure(
                        LEAST.replace("slot: helios", "slot: X")
                                .replace("user: writer", "user: ''\n    lanes: x")
                                .replace("target: dr", "target: other")
                                .replace("state", "state\n  parallelism: 1000"));

        assertThat(e.getMessage().lines().map(line -> line.split(": ")[1]))
                .containsExactly(
                        "source.slot",
                        "targets[0].user",
                        "targets[0].lanes",
                        "replications[0].target",
                        "job.parallelism");
    }

    @Test
    void rejectsTheSameReplicationTwice() {
        String again = "  - {name: acme, tenant: other, target: dr}\n";
        String sameWay = "  - {name: again, tenant: 42, target: dr}\n";

        assertThat(failure(LEAST.replace("job:", again + "job:")))
                .hasMessageContaining(
                        ":16:12: replications[1].name: replication 'acme' is defined twice, first in"
                                + " line 13");
        assertThat(failure(LEAST.replace("job:", sameWay + "job:")))
                .hasMessageContaining(
                        "replications[1].tenant: replication 'again' (tenant '42') and replication"
                                + " 'acme' (tenant '42') can both carry a tenant to target 'dr'");
    }

    @Test
    void rejectsReplicationsThatWouldWriteTheSameRowsTwice() {
        for (String pattern : List.of("*", "4*", "*2*")) {
            String rest = "  - {name: rest, tenant: '" + pattern + "', target: dr}\n";
            assertThat(failure(LEAST.replace("job:", rest + "job:")))
                    .hasMessageContaining("replications[1].tenant: replication 'rest'")
                    .hasMessageContaining("replication 'acme' (tenant '42')");
        }
        String eu = "  - {name: eu, tenant: 'eu-*', target: dr}\n";
        String test = "  - {name: test, tenant: '*-test', target: dr}\n";
        assertThat(failure(LEAST.replace("job:", eu + test + "job:")))
                .hasMessageContaining("replication 'test'")
                .hasMessageContaining("replication 'eu'");
        String us = "  - {name: us, tenant: 'us-*', target: dr}\n";
        String reference = "  - {name: ref, tenant: _reference, target: dr}\n";
        assertThat(read(LEAST.replace("job:", eu + us + reference + "job:")).replications())
                .hasSize(4);
    }

    @Test
    void rejectsTheSameTargetTwiceAndNoTarget() {
        String again = "  - {name: dr, url: 'jdbc:postgresql://x/y', user: u}\n";

        assertThat(failure(LEAST.replace("replications:", again + "replications:")))
                .hasMessageContaining("targets[1].name: target 'dr' is defined twice");
        assertThat(
                        failure(
                                LEAST.replaceAll(
                                        "(?s)targets:.*replications:",
                                        "targets: []\nreplications:")))
                .hasMessageContaining("targets: must name at least one target");
    }

    @Test
    void neverShowsSecrets() {
        ReplicationException fromEnvironment =
                failure(LEAST.replace("url: jdbc:postgresql://db/app", "url: ${env:PW}/x"));
        ReplicationException literal =
                failure(LEAST.replace("slot: helios", "password: hunter2\n  slot: X"));

        assertThat(fromEnvironment.getMessage()).contains("${env:PW}/x").doesNotContain("s3cr3t");
        assertThat(literal.getMessage()).doesNotContain("hunter2");
        assertThat(read(LEAST.replace("slot:", "password: hunter2\n  slot:")).toString())
                .doesNotContain("hunter2");
    }

    @Test
    void keepsLiteralDollarBrace() {
        PipelineConfig config = read(LEAST.replace("slot:", "password: 'a$${env:PW}$b'\n  slot:"));

        assertThat(config.source().database().password().value()).isEqualTo("a${env:PW}$b");
    }

    @Test
    void namesTheFileThatCannotBeRead() throws IOException {
        Path binary = directory.resolve("binary.yaml");
        Files.write(binary, new byte[] {(byte) 0xFF, (byte) 0xFE, 0, 1});

        assertThat(failure(directory.resolve("none.yaml"))).hasMessageContaining("does not exist");
        assertThat(failure(directory)).hasMessageContaining("cannot be read");
        assertThat(failure(binary)).hasMessageContaining("is not UTF-8 text");
        assertThat(failure("")).hasMessageContaining("the file must have the keys source, tenancy");
        assertThat(failure("- a")).hasMessageContaining("but has a list");
        assertThat(failure(LEAST + "---\na: b\n")).hasMessageContaining("only one YAML document");
    }

    private PipelineConfig read(String text) {
        return ConfigFile.read(write(text), ENVIRONMENT::get);
    }

    private static final Map<String, String> ENVIRONMENT = Map.of("HOST", "h1", "PW", "s3cr3t");

    private ReplicationException failure(String text) {
        return failure(write(text));
    }

    private static ReplicationException failure(Path file) {
        ReplicationException e =
                catchThrowableOfType(
                        ReplicationException.class, () -> ConfigFile.read(file, ENVIRONMENT::get));
        assertThat(e).isNotNull();
        return e;
    }

    private Path write(String text) {
        try {
            return Files.writeString(directory.resolve("config.yaml"), text);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
