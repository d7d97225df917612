package io.heliosdb.replication.control.launch.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.heliosdb.replication.control.launch.ClusterException;
import io.heliosdb.replication.control.launch.JobRequest;
import io.heliosdb.replication.control.launch.Restore;
import io.heliosdb.replication.control.launch.SeenJob;
import io.heliosdb.replication.control.launch.SeenJob.Condition;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Resources for the Flink Kubernetes Operator, against its own schema. */
class OperatorClusterTest {

    private static final UUID SOURCE = UUID.fromString("1b4e28ba-2fa1-11d2-883f-0016d3cca427");
    private static final String NAME = JobRequest.name(SOURCE);
    private static final OperatorOptions OPTIONS =
            new OperatorOptions(
                    "flink",
                    "registry.example.com/heliosdb/job:0.1.0",
                    "flink",
                    "heliosdb",
                    "heliosdb-keys",
                    "s3://heliosdb/jobs",
                    "1g",
                    "2g");

    @TempDir Path directory;
    private FakeKubernetes kubernetes;
    private OperatorCluster cluster;

    @BeforeEach
    void start() throws IOException {
        kubernetes = new FakeKubernetes();
        Path token = Files.writeString(directory.resolve("token"), "t0ken\n");
        cluster =
                new OperatorCluster(
                        new KubernetesApi(kubernetes.url(), token, null),
                        OPTIONS,
                        connection -> Optional.empty(),
                        connection -> "s3://heliosdb/jobs/" + connection + "/stops");
    }

    @AfterEach
    void stop() {
        kubernetes.close();
    }

    private static JobRequest request(String run, Optional<Restore> restore) {
        return new JobRequest(
                SOURCE,
                run,
                List.of("--control", "store: {url: 'jdbc:postgresql://store/control'}"),
                restore,
                2);
    }

    private Condition seen() {
        return cluster.look().get(0).condition();
    }

    @Test
    void makesAResourceThatTheOperatorsSchemaAllows() {
        cluster.start(
                request("run1", Optional.of(new Restore("s3://heliosdb/jobs/x/chk-7", true))));
        JsonNode made = kubernetes.resource(NAME);
        assertThat(ResourceSchema.ofFlinkDeployments().problems(made)).isEmpty();
        assertThat(made.at("/spec/job/initialSavepointPath").asText())
                .isEqualTo("s3://heliosdb/jobs/x/chk-7");
        assertThat(made.at("/spec/job/allowNonRestoredState").asBoolean(true)).isFalse();
        assertThat(made.at("/spec/job/args")).hasSize(2);
        assertThat(cluster.look()).containsExactly(new SeenJob(SOURCE, "run1", Condition.STARTING));
        assertThat(kubernetes.tokens()).containsOnly("Bearer t0ken");
    }

    /** Else the test above would hold for a schema that allows everything. */
    @Test
    void theSchemaRefusesWhatTheOperatorWould() {
        ObjectNode made =
                FlinkDeployment.of(request("run1", Optional.empty()), OPTIONS, "s3://stops");
        ((ObjectNode) made.at("/spec/job")).put("upgradeMode", "sometimes");
        ((ObjectNode) made.at("/spec/job")).put("parallelism", "two");
        ((ObjectNode) made.at("/spec")).put("imaje", "x");
        assertThat(ResourceSchema.ofFlinkDeployments().problems(made))
                .hasSize(3)
                .anyMatch(it -> it.contains("upgradeMode"))
                .anyMatch(it -> it.contains("parallelism"))
                .anyMatch(it -> it.contains("imaje"));
    }

    @Test
    void startsOnceHoweverOftenItIsAsked() {
        cluster.start(request("run1", Optional.empty()));
        kubernetes.report(NAME, "STABLE", "RUNNING", "");
        cluster.start(request("run1", Optional.empty()));
        assertThat(cluster.look()).containsExactly(new SeenJob(SOURCE, "run1", Condition.RUNNING));
    }

    @Test
    void stopsWithSavepointAndStartsTheNextRunWhenTheFormerIsGone() {
        cluster.start(request("run1", Optional.empty()));
        kubernetes.report(NAME, "STABLE", "RUNNING", "");
        cluster.stop(SOURCE, "run1");
        cluster.stop(SOURCE, "run1");
        JsonNode job = kubernetes.resource(NAME).at("/spec/job");
        assertThat(job.path("state").asText()).isEqualTo("suspended");
        assertThat(job.path("upgradeMode").asText()).isEqualTo("savepoint");
        assertThat(seen()).as("until the operator is done").isEqualTo(Condition.RUNNING);
        kubernetes.report(NAME, "SUSPENDED", "FINISHED", "");
        assertThat(seen()).isEqualTo(Condition.FINISHED);

        kubernetes.deletionsTake(2);
        cluster.start(request("run2", Optional.of(new Restore("s3://stop", true))));
        assertThat(cluster.look()).containsExactly(new SeenJob(SOURCE, "run2", Condition.STARTING));
    }

    @Test
    void tellsAFailureAndEndsOnlyTheRunThatIsMeant() {
        cluster.start(request("run1", Optional.empty()));
        kubernetes.report(
                NAME, "FAILED", "FAILED", "java.lang.X: a\nCaused by: SLOT_MISSING: gone");
        assertThat(seen()).isEqualTo(Condition.FAILED);
        assertThat(cluster.failure(SOURCE, "run1")).hasValue("SLOT_MISSING: gone");
        cluster.cancel(SOURCE, "another");
        assertThat(cluster.look()).hasSize(1);
        cluster.cancel(SOURCE, "run1");
        cluster.cancel(SOURCE, "run1");
        assertThat(cluster.look()).isEmpty();
    }

    @Test
    void tellsWhyItIsRefusedAndWhoDoesNotAnswer() {
        OperatorCluster nowhere =
                new OperatorCluster(
                        new KubernetesApi(URI.create("http://127.0.0.1:1"), null, null),
                        OPTIONS,
                        connection -> Optional.empty(),
                        connection -> "s3://stops");
        assertThatThrownBy(nowhere::look)
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining("does not answer");
    }

    /** The example in the tree is what the code makes. */
    @Test
    void theExampleIsWhatIsMade() throws IOException {
        Path example = Path.of("../k8s-operator/flinkdeployment-example.yaml");
        ObjectNode made =
                FlinkDeployment.of(
                        request(
                                "0f3c1f7ad0d34f0e9f0c5a7a6f3a1c11",
                                Optional.of(
                                        new Restore(
                                                "s3://heliosdb/jobs/"
                                                        + SOURCE
                                                        + "/stops/savepoint-1",
                                                true))),
                        OPTIONS,
                        "s3://heliosdb/jobs/" + SOURCE + "/stops");
        if (Boolean.getBoolean("heliosdb.write-example")) {
            Files.writeString(
                    example,
                    "# What the control API makes for one source; made by OperatorClusterTest.\n"
                            + new YAMLMapper().writeValueAsString(made));
        }
        JsonNode there = new YAMLMapper().readTree(Files.readString(example));
        assertThat(there)
                .isEqualTo(new YAMLMapper().readTree(new YAMLMapper().writeValueAsString(made)));
        assertThat(ResourceSchema.ofFlinkDeployments().problems(there)).isEmpty();
    }
}
