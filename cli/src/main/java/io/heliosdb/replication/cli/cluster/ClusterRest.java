package io.heliosdb.replication.cli.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What Flink's REST API says of a cluster on this machine. */
final class ClusterRest {

    record Overview(int taskManagers, int slots, int freeSlots, List<Job> jobs) {}

    record Job(String id, String name, String state) {}

    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(LIMIT).build();
    private final int port;

    ClusterRest(int port) {
        this.port = port;
    }

    String url() {
        return "http://localhost:" + port;
    }

    /** Empty if nobody answers. */
    Optional<Overview> overview() throws InterruptedException {
        try {
            JsonNode cluster = get("/overview");
            List<Job> jobs = new ArrayList<>();
            for (JsonNode job : get("/jobs/overview").path("jobs")) {
                jobs.add(
                        new Job(
                                job.path("jid").asText(),
                                job.path("name").asText(),
                                job.path("state").asText()));
            }
            return Optional.of(
                    new Overview(
                            cluster.path("taskmanagers").asInt(),
                            cluster.path("slots-total").asInt(),
                            cluster.path("slots-available").asInt(),
                            jobs));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Resource ids of those registered; empty if nobody answers. */
    Set<String> taskManagers() throws InterruptedException {
        try {
            Set<String> ids = new HashSet<>();
            get("/taskmanagers")
                    .path("taskmanagers")
                    .forEach(node -> ids.add(node.path("id").asText()));
            return ids;
        } catch (IOException e) {
            return Set.of();
        }
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(url() + path)).timeout(LIMIT).build();
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(path + " answered " + response.statusCode());
        }
        return new ObjectMapper().readTree(response.body());
    }
}
