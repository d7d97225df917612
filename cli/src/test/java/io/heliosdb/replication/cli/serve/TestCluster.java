package io.heliosdb.replication.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.cli.HeliosCli;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A standalone Flink cluster of several JVMs, on a port that stays. */
final class TestCluster implements AutoCloseable {

    private final Path directory;
    private final String homeBefore = System.getProperty("heliosdb.home");
    private final int port;

    TestCluster(Path directory) throws IOException {
        this.directory = directory;
        System.setProperty("heliosdb.home", home().toString());
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        start();
    }

    /** The tree that the job's jar is in. */
    static Path home() {
        try {
            return Path.of("..").toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    URI url() {
        return URI.create("http://localhost:" + port);
    }

    /** Brings up what is not alive. */
    void start() {
        run("start", "--task-managers", "1", "--rest-port", String.valueOf(port));
    }

    private void run(String command, String... more) {
        List<String> all = new ArrayList<>(List.of("cluster", command));
        all.addAll(List.of("--dir", directory.toString()));
        all.addAll(List.of(more));
        assertThat(HeliosCli.run(all.toArray(String[]::new))).isEqualTo(ExitCode.OK);
    }

    void killJobManager() throws IOException {
        kill("jobmanager");
    }

    void killTaskManager() throws IOException {
        kill("taskmanager-1");
    }

    private void kill(String name) throws IOException {
        ProcessHandle process = ProcessHandle.of(Long.parseLong(pid(name))).orElseThrow();
        process.destroyForcibly();
        process.onExit().join();
    }

    private String pid(String name) throws IOException {
        return Files.readString(directory.resolve(name + ".pid")).split(" ")[0];
    }

    /** Jobs that have not ended. */
    List<String> alive() throws IOException, InterruptedException {
        List<String> alive = new ArrayList<>();
        for (JsonNode job : call("GET", "/jobs/overview").path("jobs")) {
            if (!List.of("FINISHED", "CANCELED", "FAILED").contains(job.get("state").asText())) {
                alive.add(job.get("jid").asText());
            }
        }
        return alive;
    }

    /** How many class loaders of jobs a process has, after a collection. */
    long jobClassLoaders(String process) throws IOException, InterruptedException {
        jcmd(process, "GC.run");
        return jcmd(process, "VM.classloaders")
                .lines()
                .filter(line -> line.contains("ChildFirstClassLoader"))
                .count();
    }

    private String jcmd(String name, String command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                pid(name),
                                command)
                        .redirectErrorStream(true)
                        .start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(answer).isZero();
        return answer;
    }

    void cancel(String job) throws IOException, InterruptedException {
        call("PATCH", "/jobs/" + job + "?mode=cancel");
    }

    JsonNode call(String method, String path) throws IOException, InterruptedException {
        HttpResponse<String> response =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create(url() + path))
                                        .method(method, HttpRequest.BodyPublishers.noBody())
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
        return new ObjectMapper().readTree(response.body());
    }

    /** What all its processes have logged and printed. */
    String logs() throws IOException {
        StringBuilder logs = new StringBuilder();
        try (var files = Files.list(directory)) {
            for (Path file : files.filter(it -> it.toString().matches(".*\\.(log|out)")).toList()) {
                logs.append(Files.readString(file));
            }
        }
        return logs.toString();
    }

    @Override
    public void close() {
        try {
            run("stop");
        } finally {
            if (homeBefore == null) {
                System.clearProperty("heliosdb.home");
            } else {
                System.setProperty("heliosdb.home", homeBefore);
            }
        }
    }
}
