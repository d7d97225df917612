package io.heliosdb.replication.control.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.heliosdb.replication.control.http.ControlStand.Answer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every endpoint, by every role, for the own and for another tenant. */
class AccessMatrixTest {

    /**
     * Operation: who may. A Admin, O Operator, R ReadOnly, T TenantAdmin (own tenant only); * needs
     * no credentials. Written by hand, so that a change of the code's matrix has to be meant.
     */
    private static final String MATRIX =
            """
            createReplication A O T
            listReplications A O R T
            getReplication A O R T
            updateReplication A O T
            deleteReplication A O T
            startReplication A O T
            pauseReplication A O T
            stopReplication A O T
            resyncReplication A O T
            retryReplication A O T
            skipChange A O T
            listEvents A O R T
            listCheckpoints A O R T
            listConflicts A O T
            listQuarantine A O T
            getReplicationMetrics A O R T
            getAggregatedMetrics A O R T
            createConnection A O
            listConnections A O R
            getConnection A O R
            updateConnection A O
            deleteConnection A O
            testConnection A O
            getConnectionJob A O R
            createApiKey A
            listApiKeys A
            revokeApiKey A
            createOAuthClient A
            listOAuthClients A
            revokeOAuthClient A
            listAuditEvents A
            getMetrics A O R
            issueToken *
            issueTokenBelowVersion *
            getHealth *
            getHealthBelowVersion *
            getReady *
            getReadyBelowVersion *
            """;

    private static ControlStand stand;
    private static String source;
    private static String target;
    private static int number;
    private static final Map<String, String> KEYS = new LinkedHashMap<>();

    @BeforeAll
    static void start() {
        stand = ControlStand.start();
        source = stand.connection("source", "nowhere");
        target = stand.connection("target", "nowhere");
        KEYS.put("A", stand.key("Admin", null, "Enterprise"));
        KEYS.put("O", stand.key("Operator", null, "Enterprise"));
        KEYS.put("R", stand.key("ReadOnly", null, "Enterprise"));
        KEYS.put("T", stand.key("TenantAdmin", "own", "Enterprise"));
    }

    @AfterAll
    static void stop() {
        stand.close();
    }

    private record Operation(String id, String method, String path) {}

    private static List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        for (Map.Entry<String, JsonNode> path :
                stand.call("GET", "/v1/openapi.json", null, ControlStand.NOTHING)
                        .json()
                        .get("paths")
                        .properties()) {
            path.getValue()
                    .properties()
                    .forEach(
                            method ->
                                    operations.add(
                                            new Operation(
                                                    method.getValue().get("operationId").asText(),
                                                    method.getKey().toUpperCase(),
                                                    path.getKey())));
        }
        return operations;
    }

    private static Map<String, List<String>> matrix() {
        Map<String, List<String>> matrix = new LinkedHashMap<>();
        MATRIX.lines()
                .map(line -> List.of(line.split(" ")))
                .forEach(words -> matrix.put(words.get(0), words.subList(1, words.size())));
        return matrix;
    }

    @Test
    void coversEveryOperation() {
        assertThat(new TreeSet<>(matrix().keySet()))
                .isEqualTo(new TreeSet<>(operations().stream().map(Operation::id).toList()));
    }

    @Test
    void letsEachRoleDoWhatTheMatrixSaysAndNothingElse() {
        Map<String, List<String>> matrix = matrix();
        for (Operation operation : operations()) {
            List<String> allowed = matrix.get(operation.id());
            if (allowed.contains("*")) {
                continue;
            }
            for (String role : KEYS.keySet()) {
                for (String tenant : List.of("own", "other")) {
                    boolean may = allowed.contains(role);
                    boolean elsewhere = role.equals("T") && tenant.equals("other");
                    Answer answer = call(operation, tenant, "X-API-Key", KEYS.get(role));
                    String what =
                            operation + " as " + role + " for " + tenant + ": " + answer.body();
                    if (!may) {
                        assertThat(answer.status()).as(what).isEqualTo(403);
                    } else if (elsewhere && concernsOneReplication(operation)) {
                        assertThat(answer.status()).as(what).isEqualTo(404);
                    } else if (elsewhere && operation.id().equals("createReplication")) {
                        assertThat(answer.status()).as(what).isEqualTo(403);
                    } else {
                        assertThat(answer.status()).as(what).isNotIn(401, 403, 404).isLessThan(500);
                    }
                }
            }
        }
    }

    @Test
    void letsNobodyInWithoutCredentialsOrWithWrongOnes() {
        String wrong = KEYS.get("A").substring(0, KEYS.get("A").length() - 1) + "~";
        stand.execute("UPDATE heliosdb_control.api_keys SET name = name");
        for (Operation operation : operations()) {
            if (matrix().get(operation.id()).contains("*")) {
                continue;
            }
            for (String[] headers :
                    List.of(
                            ControlStand.NOTHING,
                            new String[] {"X-API-Key", wrong},
                            new String[] {"Authorization", "Bearer a.b.c"})) {
                Answer answer = call(operation, "own", headers);
                assertThat(answer.status()).as(operation + answer.body()).isIn(401, 429);
            }
        }
    }

    @Test
    void showsATenantAdminTheOwnTenantOnly() {
        stand.call(
                "POST",
                "/v1/replications",
                ControlStand.replicationBody("own", source, connection()),
                "X-API-Key",
                KEYS.get("T"));
        replication("other");
        JsonNode all =
                stand.call("GET", "/v1/replications", null, "X-API-Key", KEYS.get("T")).json();
        assertThat(all.get("data"))
                .isNotEmpty()
                .allSatisfy(it -> assertThat(it.get("tenant_id").asText()).isEqualTo("own"));
        assertThat(
                        stand.call(
                                        "GET",
                                        "/v1/replications?tenant_id=other",
                                        null,
                                        "X-API-Key",
                                        KEYS.get("T"))
                                .status())
                .isEqualTo(403);
        JsonNode groups =
                stand.call(
                                "GET",
                                "/v1/metrics/aggregate?group_by=tenant_id",
                                null,
                                "X-API-Key",
                                KEYS.get("T"))
                        .json()
                        .get("groups");
        assertThat(groups).hasSize(1);
        assertThat(groups.get(0).get("group_key").get("tenant_id").asText()).isEqualTo("own");
    }

    private static boolean concernsOneReplication(Operation operation) {
        return operation.path().contains("{replication_id}");
    }

    private static Answer call(Operation operation, String tenant, String... headers) {
        String path = operation.path();
        if (path.contains("{replication_id}")) {
            path = path.replace("{replication_id}", replication(tenant));
        }
        if (path.contains("{connection_id}")) {
            path = path.replace("{connection_id}", connection());
        }
        if (path.contains("{key_id}")) {
            path = path.replace("{key_id}", stand.key("ReadOnly", null, "Free").substring(3, 15));
        }
        if (path.contains("{client_id}")) {
            path =
                    path.replace(
                            "{client_id}",
                            stand.post(
                                            "/v1/oauth-clients",
                                            "{\"name\": \"x\", \"role\": \"ReadOnly\"}")
                                    .json()
                                    .get("client_id")
                                    .asText());
        }
        String body =
                switch (operation.id()) {
                    case "createReplication" ->
                            ControlStand.replicationBody(tenant, source, target);
                    case "updateReplication" -> "{\"config\": {\"priority\": 7}}";
                    default -> operation.method().equals("GET") ? null : "{}";
                };
        return stand.call(operation.method(), path, body, headers);
    }

    private static String connection() {
        return stand.connection("c" + number++, "nowhere");
    }

    private static String replication(String tenant) {
        return stand.replication(tenant, source, connection());
    }
}
